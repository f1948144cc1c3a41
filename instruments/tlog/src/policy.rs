//! Whom to believe: the logs and the witnesses a verifier knows, and how many must have signed.
//!
//! Source: C2SP tlog-policy (draft): `log`, `witness`, `group` and `quorum` lines.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::{KeyError, KeyKind, VerifierKey};
use crate::note::{Note, Verified, VerifyNoteError};
use std::fmt;
use std::str::FromStr;

/// A set of logs and witnesses, and the rule that a checkpoint must fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    members: Vec<Member>,
    /// Index into `members`; `None` asks for no witness.
    // INVARIANT (order): a group's members stand before it, so rules cannot run in a circle.
    quorum: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: String,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Witness(VerifierKey),
    Group { needed: usize, members: Vec<usize> },
}

/// Why a policy text was refused. An engineer acts: line numbers count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not one of the four kinds of lines, or with too few or too many words.
    #[error(
        "line {line}: expected `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME K MEMBERS` or `quorum NAME`"
    )]
    Form {
        /// Line in the text.
        line: usize,
    },
    /// A key does not parse.
    #[error("line {line}: {source}")]
    Key {
        /// Line in the text.
        line: usize,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A log's key is not of type 0x01, or a witness's not of type 0x04.
    #[error("line {line}: logs have keys of type 0x01 and witnesses of type 0x04")]
    Kind {
        /// Line in the text.
        line: usize,
    },
    /// A name or a public key appears twice.
    #[error("line {line}: this name or key appeared before")]
    Duplicate {
        /// Line in the text.
        line: usize,
    },
    /// A group or the quorum names something not defined before.
    #[error("line {line}: {name} is not defined on an earlier line")]
    Unknown {
        /// Line in the text.
        line: usize,
        /// The name.
        name: String,
    },
    /// The number of members needed is not between 1 and all of them.
    #[error("line {line}: a group needs between one and all of its members")]
    Threshold {
        /// Line in the text.
        line: usize,
    },
    /// No line says `quorum`.
    #[error("the policy has no quorum line")]
    NoQuorum,
}

/// Why a checkpoint was not accepted. Nothing it says should be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefuseCheckpoint {
    /// The note's text is not a checkpoint.
    #[error("the signed text is not a checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A known key's signature does not hold, or no known key has signed.
    #[error("{0}")]
    Signature(#[from] VerifyNoteError),
    /// No log key whose name is the checkpoint's origin has signed.
    #[error("no known log named {origin} has signed the checkpoint")]
    NoLog {
        /// Origin of the checkpoint.
        origin: String,
    },
    /// Too few witnesses: they have not seen it yet, or the log shows different trees to different people.
    #[error("the witnesses that cosigned ({}) are not enough", witnesses.join(", "))]
    NoQuorum {
        /// Names of the witnesses that did cosign.
        witnesses: Vec<String>,
    },
}

/// A checkpoint that fulfils a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What the log says.
    pub checkpoint: Checkpoint,
    /// Key names of the witnesses, with the seconds since 1970 each put under its cosignature.
    pub witnesses: Vec<(String, u64)>,
}

impl Policy {
    /// Accepts any of `logs` when at least `needed` of `witnesses` cosigned; 0 asks for none.
    ///
    /// # Errors
    /// [`PolicyError`]; lines count the logs first and then the witnesses, from 1.
    pub fn k_of_n(
        logs: &[VerifierKey],
        witnesses: &[VerifierKey],
        needed: usize,
    ) -> Result<Self, PolicyError> {
        let mut policy = Policy {
            logs: Vec::new(),
            members: Vec::new(),
            quorum: None,
        };
        for (at, key) in logs.iter().enumerate() {
            policy.add_log(key.clone(), at + 1)?;
        }
        for (at, key) in witnesses.iter().enumerate() {
            policy.add_witness(&format!("w{}", at + 1), key.clone(), logs.len() + at + 1)?;
        }
        if needed > 0 {
            let line = logs.len() + witnesses.len() + 1;
            policy.add_group("enough", needed, (0..witnesses.len()).collect(), line)?;
            policy.quorum = Some(witnesses.len());
        }
        Ok(policy)
    }

    /// Decides whether a signed checkpoint is to be believed.
    ///
    /// # Errors
    /// [`RefuseCheckpoint`].
    pub fn judge(&self, note: &Note) -> Result<Accepted, RefuseCheckpoint> {
        let checkpoint: Checkpoint = note.text().parse()?;
        let known: Vec<VerifierKey> = self
            .logs
            .iter()
            .chain(self.witness_keys())
            .cloned()
            .collect();
        let verified = note.verify(&known)?;
        let by_log = |v: &Verified<'_>| {
            v.key.kind() == KeyKind::Ed25519 && v.key.name() == checkpoint.origin()
        };
        if !verified.iter().any(by_log) {
            return Err(RefuseCheckpoint::NoLog {
                origin: checkpoint.origin().to_owned(),
            });
        }
        let seen = |key: &VerifierKey| verified.iter().any(|v| v.key == key);
        let mut holds = Vec::with_capacity(self.members.len());
        for member in &self.members {
            holds.push(match &member.rule {
                Rule::Witness(key) => seen(key),
                Rule::Group { needed, members } => {
                    members.iter().filter(|&&member| holds[member]).count() >= *needed
                }
            });
        }
        let timed = |v: &Verified<'_>| v.time_s.map(|time_s| (v.key.name().to_owned(), time_s));
        let witnesses: Vec<(String, u64)> = verified.iter().filter_map(timed).collect();
        if self.quorum.is_none_or(|quorum| holds[quorum]) {
            Ok(Accepted {
                checkpoint,
                witnesses,
            })
        } else {
            Err(RefuseCheckpoint::NoQuorum {
                witnesses: witnesses.into_iter().map(|(name, _)| name).collect(),
            })
        }
    }

    fn witness_keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.members.iter().filter_map(|member| match &member.rule {
            Rule::Witness(key) => Some(key),
            Rule::Group { .. } => None,
        })
    }

    fn add_log(&mut self, key: VerifierKey, line: usize) -> Result<(), PolicyError> {
        if key.kind() != KeyKind::Ed25519 {
            return Err(PolicyError::Kind { line });
        }
        if self.logs.iter().any(|log| log.public() == key.public()) {
            return Err(PolicyError::Duplicate { line });
        }
        self.logs.push(key);
        Ok(())
    }

    fn add_witness(
        &mut self,
        name: &str,
        key: VerifierKey,
        line: usize,
    ) -> Result<(), PolicyError> {
        if key.kind() != KeyKind::CosignatureV1 {
            return Err(PolicyError::Kind { line });
        }
        if self
            .witness_keys()
            .any(|witness| witness.public() == key.public())
        {
            return Err(PolicyError::Duplicate { line });
        }
        self.add_member(name, Rule::Witness(key), line)
    }

    fn add_group(
        &mut self,
        name: &str,
        needed: usize,
        members: Vec<usize>,
        line: usize,
    ) -> Result<(), PolicyError> {
        if !(1..=members.len()).contains(&needed) {
            return Err(PolicyError::Threshold { line });
        }
        self.add_member(name, Rule::Group { needed, members }, line)
    }

    fn add_member(&mut self, name: &str, rule: Rule, line: usize) -> Result<(), PolicyError> {
        if name == "none" || self.members.iter().any(|member| member.name == name) {
            return Err(PolicyError::Duplicate { line });
        }
        self.members.push(Member {
            name: name.to_owned(),
            rule,
        });
        Ok(())
    }

    fn index_of(&self, name: &str, line: usize) -> Result<usize, PolicyError> {
        let unknown = || PolicyError::Unknown {
            line,
            name: name.to_owned(),
        };
        self.members
            .iter()
            .position(|member| member.name == name)
            .ok_or_else(unknown)
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let mut policy = Policy {
            logs: Vec::new(),
            members: Vec::new(),
            quorum: None,
        };
        let mut has_quorum = false;
        for (at, content) in text.lines().enumerate() {
            let line = at + 1;
            let words: Vec<&str> = content
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            let key = |vkey: &str| {
                vkey.parse()
                    .map_err(|source| PolicyError::Key { line, source })
            };
            match words[..] {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["log", vkey] | ["log", vkey, _] => policy.add_log(key(vkey)?, line)?,
                ["witness", name, vkey] | ["witness", name, vkey, _] => {
                    policy.add_witness(name, key(vkey)?, line)?
                }
                ["group", name, needed, ref members @ ..] => {
                    let members: Vec<usize> = members
                        .iter()
                        .map(|name| policy.index_of(name, line))
                        .collect::<Result<_, _>>()?;
                    let needed = match needed {
                        "any" => 1,
                        "all" => members.len(),
                        number => number
                            .parse()
                            .map_err(|_| PolicyError::Threshold { line })?,
                    };
                    policy.add_group(name, needed, members, line)?;
                }
                ["quorum", _] if has_quorum => return Err(PolicyError::Duplicate { line }),
                ["quorum", name] => {
                    has_quorum = true;
                    policy.quorum = if name == "none" {
                        None
                    } else {
                        Some(policy.index_of(name, line)?)
                    };
                }
                _ => return Err(PolicyError::Form { line }),
            }
        }
        if has_quorum {
            Ok(policy)
        } else {
            Err(PolicyError::NoQuorum)
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.logs
            .iter()
            .try_for_each(|log| writeln!(f, "log {log}"))?;
        let name = |at: &usize| self.members[*at].name.as_str();
        for member in &self.members {
            match &member.rule {
                Rule::Witness(key) => writeln!(f, "witness {} {key}", member.name)?,
                Rule::Group { needed, members } => {
                    let names: Vec<&str> = members.iter().map(name).collect();
                    writeln!(f, "group {} {needed} {}", member.name, names.join(" "))?;
                }
            }
        }
        writeln!(f, "quorum {}", self.quorum.as_ref().map_or("none", name))
    }
}

#[cfg(test)]
mod tests;
