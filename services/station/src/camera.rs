//! A picture of who stands at the table, for two officers who compare a face: a camera, or a folder of pictures.
//!
//! The picture is on the screen and in memory while two signatures are waited for, and gone with the scene. In the clear it
//! is on no disk and on no cable; where the election keeps it, the kit seals what both saw (`kit::pictures`).

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

/// The most bytes of a picture.
const BYTES_MAX: usize = 4 << 20;
/// How long a camera may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no picture: the officers compare the person in front of them, and an engineer acts later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// Not there, unplugged, busy, or it does not answer.
    #[error("the camera does not answer: {0}")]
    Device(String),
    /// What it gave is no whole picture.
    #[error("the camera's picture cannot be used")]
    Image,
}

/// JPEG or PNG, whole by its first and last bytes; only a browser decodes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    bytes: Vec<u8>,
    kind: &'static str,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} bytes of {})", self.bytes.len(), self.kind)
    }
}

impl Picture {
    /// Takes a picture in.
    ///
    /// # Errors
    /// [`CameraError::Image`] when it is neither JPEG nor PNG, cut short, or over 4 MiB.
    pub fn of(mut bytes: Vec<u8>) -> Result<Self, CameraError> {
        // Some cameras fill a frame up with zeros after its end.
        if bytes.starts_with(b"\xff\xd8\xff") {
            let end = bytes.iter().rposition(|byte| *byte != 0);
            bytes.truncate(end.map_or(0, |at| at + 1));
        }
        let is = |begins: &[u8], ends: &[u8]| bytes.starts_with(begins) && bytes.ends_with(ends);
        let kind = if is(b"\xff\xd8\xff", b"\xff\xd9") {
            "image/jpeg"
        } else if is(b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82") {
            "image/png"
        } else {
            return Err(CameraError::Image);
        };
        if bytes.len() > BYTES_MAX {
            return Err(CameraError::Image);
        }
        Ok(Self { bytes, kind })
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its first digits of SHA-256: by them a form says which picture was looked at.
    #[must_use]
    pub fn digits(&self) -> String {
        lexicon::handover::envelope::hex(&lexicon::handover::envelope::sha256(&self.bytes)[..8])
    }

    /// `image/jpeg` or `image/png`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }
}

/// Something that takes pictures.
pub trait Camera: Send + Sync {
    /// Takes one picture. May block for seconds; runs on a thread of its own.
    ///
    /// # Errors
    /// [`CameraError`].
    fn picture(&self) -> Result<Picture, CameraError>;

    /// Whether the pictures come from a folder: every screen then says so.
    fn is_simulated(&self) -> bool;
}

/// A camera that takes its pictures from files (`*.jpg`, `*.png`), one after another by name: demo, training, tests.
#[derive(Debug)]
pub struct PictureFolder {
    folder: PathBuf,
    last: Mutex<String>,
}

impl PictureFolder {
    /// A camera over this folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            last: Mutex::default(),
        }
    }
}

impl Camera for PictureFolder {
    fn picture(&self) -> Result<Picture, CameraError> {
        let gone = |error: std::io::Error| CameraError::Device(error.to_string());
        let entries = std::fs::read_dir(&self.folder).map_err(gone)?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| [".jpg", ".png"].iter().any(|end| name.ends_with(end)))
            .collect();
        names.sort_unstable();
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = names.iter().find(|name| **name > *last).or(names.first());
        let name = next.ok_or_else(|| CameraError::Device("the folder is empty".to_owned()))?;
        last.clone_from(name);
        let mut bytes = Vec::new();
        let file = std::fs::File::open(self.folder.join(name)).map_err(gone)?;
        file.take(BYTES_MAX as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(gone)?;
        Picture::of(bytes)
    }

    fn is_simulated(&self) -> bool {
        true
    }
}

/// A camera behind Video4Linux: each picture is taken by a helper process, Debian's `v4l2-ctl`, which is ended when it
/// takes too long. The device is opened anew each time: one that was unplugged works when it is back.
#[derive(Clone, Debug)]
pub struct VideoDevice {
    device: PathBuf,
    helper: PathBuf,
}

impl VideoDevice {
    /// The camera at this path, as `/dev/video0` or a name below `/dev/v4l/by-id`.
    #[must_use]
    pub fn new(device: PathBuf) -> Self {
        Self::through(device, PathBuf::from("v4l2-ctl"))
    }

    /// The same through another helper, which takes the arguments of `v4l2-ctl`.
    #[must_use]
    pub fn through(device: PathBuf, helper: PathBuf) -> Self {
        Self { device, helper }
    }
}

impl Camera for VideoDevice {
    fn picture(&self) -> Result<Picture, CameraError> {
        let dead = |why: String| CameraError::Device(why);
        if !self.device.exists() {
            return Err(dead(format!("there is no {}", self.device.display())));
        }
        // The first frames of a camera that wakes are dark.
        let mut child = Command::new(&self.helper)
            .arg("--device")
            .arg(&self.device)
            .args([
                "--set-fmt-video=width=640,height=480,pixelformat=MJPG",
                "--stream-mmap",
            ])
            .args(["--stream-skip=8", "--stream-count=1", "--stream-to=-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| dead(format!("{}: {error}", self.helper.display())))?;
        let (sender, given) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let read = stdout.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
                let _ = sender.send(read.map(|_| bytes));
            });
        }
        let given = given.recv_timeout(PATIENCE);
        // Ended or not: nothing of it stays behind.
        let _ = child.kill();
        // One that hangs in the kernel is waited for beside.
        std::thread::spawn(move || child.wait());
        match given {
            Ok(Ok(bytes)) if bytes.is_empty() => Err(dead("it gave nothing".to_owned())),
            Ok(Ok(bytes)) => Picture::of(bytes),
            Ok(Err(error)) => Err(dead(error.to_string())),
            Err(_) => Err(dead(format!("nothing within {} s", PATIENCE.as_secs()))),
        }
    }

    fn is_simulated(&self) -> bool {
        false
    }
}
