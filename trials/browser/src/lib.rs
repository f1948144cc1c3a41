//! The whole way in a real browser: the demo's running services seen as a person sees them.
//!
//! What is here: the node packages the stories need ([`modules`]); the demo as a running process
//! with what it printed ([`demo`]); two kits of their own beside it ([`kits`]); a training's and a rehearsal's kit, and every page that a station has ([`exercises`]); a small register that is brought to a published list ([`list`]); stories told by node and Chromium ([`story`]). The stories
//! themselves lie in `stories/`, one file each, and say in plain words what a person does.
//!
//! `stories/beside.mjs` stands alone: `node beside.mjs ADDRESS PICTURES OUT` lays a training kit's screens, in three languages,
//! beside given pictures, and each verdict in forced colours and for colour-blind eyes.
//!
//! What is deliberately not here: any stand-in for a service. The stories use what `./tizme demo`
//! leaves running and what its last page tells a newcomer; the list's story runs the shipped programs.

pub mod demo;
pub mod exercises;
pub mod kits;
pub mod list;
pub mod modules;
pub mod story;
