//! A real scanner through libfprint 2, loaded when it is asked for.
//!
//! The binary does not need the library to start: `libfprint-2.so.2` and GLib are opened by name at
//! run time, and only the functions below are called. This module is the station's one place
//! for `unsafe`. The library's `virtual_image` device goes the same way (`FP_VIRTUAL_IMAGE`).
//!
//! A scanner may be plugged in, pulled out and plugged in again at any time: it is looked for when a
//! finger is wanted, and looked for anew after it failed. A finger is waited for [`FINGER_WAIT`];
//! [`Scanner::stop`] ends the wait when the operator turns to something else.
#![expect(
    unsafe_code,
    reason = "the one door to a C library; each block says why it holds"
)]

use std::ffi::{CStr, c_char, c_double, c_int, c_uint, c_void};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use fingerprint::GreyImage;

use crate::capture::Capture;
use crate::scanner::{Scanner, ScannerError};

const RTLD_NOW: c_int = 2;
/// How long a finger is waited for.
pub const FINGER_WAIT: Duration = Duration::from_secs(30);
/// How long an earlier capture may take to let go of the device after it was told to stop.
const LETTING_GO: Duration = Duration::from_secs(2);
/// Pixels per millimetre of 500 dpi (libfprint 1.94, `nbis/include/lfs.h`: `DEFAULT_PPI`).
const USUAL_PPMM: c_double = 19.685;
/// `FP_DEVICE_FEATURE_CAPTURE`: the device hands out images (libfprint 1.94, `fp-device.h`).
const GIVES_IMAGES: c_uint = 1;
/// `G_IO_ERROR_CANCELLED` (GIO, `gioenums.h`); other codes of its domain are faults of the device.
const CANCELLED: c_int = 19;

unsafe extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// GLib's array of pointers, as its header lays it out.
#[repr(C)]
struct PointerArray {
    items: *mut *mut c_void,
    length: c_uint,
}

/// GLib's error, as its header lays it out.
#[repr(C)]
struct GError {
    domain: u32,
    code: c_int,
    message: *const c_char,
}

type Error = *mut GError;

/// The functions of libfprint and GLib that are used, by their C signatures.
struct Library {
    get_devices: unsafe extern "C" fn(*mut c_void) -> *mut PointerArray,
    device_name: unsafe extern "C" fn(*mut c_void) -> *const c_char,
    device_driver: unsafe extern "C" fn(*mut c_void) -> *const c_char,
    has_feature: unsafe extern "C" fn(*mut c_void, c_uint) -> c_int,
    open: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut Error) -> c_int,
    close: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut Error) -> c_int,
    capture: unsafe extern "C" fn(*mut c_void, c_int, *mut c_void, *mut Error) -> *mut c_void,
    image_data: unsafe extern "C" fn(*mut c_void, *mut usize) -> *const u8,
    image_width: unsafe extern "C" fn(*mut c_void) -> c_uint,
    image_height: unsafe extern "C" fn(*mut c_void) -> c_uint,
    image_ppmm: unsafe extern "C" fn(*mut c_void) -> c_double,
    retry_domain: unsafe extern "C" fn() -> u32,
    cancelled_domain: unsafe extern "C" fn() -> u32,
    cancellable_new: unsafe extern "C" fn() -> *mut c_void,
    cancel: unsafe extern "C" fn(*mut c_void),
    reference: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    unref: unsafe extern "C" fn(*mut c_void),
    free_error: unsafe extern "C" fn(Error),
    context_new: unsafe extern "C" fn() -> *mut c_void,
}

fn failed(why: &str) -> ScannerError {
    ScannerError::Device(why.to_owned())
}

fn open_library(name: &CStr) -> Result<*mut c_void, ScannerError> {
    // SAFETY: the name is a C string; loading runs only the library's own initialisers.
    let library = unsafe { dlopen(name.as_ptr(), RTLD_NOW) };
    if library.is_null() {
        return Err(failed(&format!(
            "{} is not installed",
            name.to_string_lossy()
        )));
    }
    Ok(library)
}

fn symbol(library: *mut c_void, name: &CStr) -> Result<*mut c_void, ScannerError> {
    // SAFETY: the handle comes from `dlopen` and is never closed; the name is a C string.
    let found = unsafe { dlsym(library, name.as_ptr()) };
    if found.is_null() {
        return Err(failed(&format!(
            "libfprint lacks {}",
            name.to_string_lossy()
        )));
    }
    Ok(found)
}

/// Casts a symbol to the function type of the field it is put into.
macro_rules! function {
    ($library:expr, $name:literal) => {{
        let found = symbol($library, $name)?;
        // SAFETY: the symbol is the C function of this name, whose documented signature is the
        // field's type; a data pointer and a function pointer are of one size on Linux.
        #[expect(
            clippy::missing_transmute_annotations,
            reason = "the field names the type"
        )]
        let function = unsafe { std::mem::transmute(found) };
        function
    }};
}

impl Library {
    fn load() -> Result<Self, ScannerError> {
        let fprint = open_library(c"libfprint-2.so.2")?;
        let gobject = open_library(c"libgobject-2.0.so.0")?;
        let gio = open_library(c"libgio-2.0.so.0")?;
        let glib = open_library(c"libglib-2.0.so.0")?;
        Ok(Self {
            get_devices: function!(fprint, c"fp_context_get_devices"),
            device_name: function!(fprint, c"fp_device_get_name"),
            device_driver: function!(fprint, c"fp_device_get_driver"),
            has_feature: function!(fprint, c"fp_device_has_feature"),
            open: function!(fprint, c"fp_device_open_sync"),
            close: function!(fprint, c"fp_device_close_sync"),
            capture: function!(fprint, c"fp_device_capture_sync"),
            image_data: function!(fprint, c"fp_image_get_data"),
            image_width: function!(fprint, c"fp_image_get_width"),
            image_height: function!(fprint, c"fp_image_get_height"),
            image_ppmm: function!(fprint, c"fp_image_get_ppmm"),
            retry_domain: function!(fprint, c"fp_device_retry_quark"),
            cancelled_domain: function!(gio, c"g_io_error_quark"),
            cancellable_new: function!(gio, c"g_cancellable_new"),
            cancel: function!(gio, c"g_cancellable_cancel"),
            reference: function!(gobject, c"g_object_ref"),
            unref: function!(gobject, c"g_object_unref"),
            free_error: function!(glib, c"g_error_free"),
            context_new: function!(fprint, c"fp_context_new"),
        })
    }

    /// Takes an error and frees it: what to do about it, in the library's words.
    fn taken(&self, error: Error) -> ScannerError {
        if error.is_null() {
            return failed("no reason given");
        }
        // SAFETY: a non-null GError is owned by us; its message is a C string until it is freed.
        let (domain, code, words) = unsafe {
            let words = words((*error).message);
            let (domain, code) = ((*error).domain, (*error).code);
            (self.free_error)(error);
            (domain, code, words)
        };
        // SAFETY: both take nothing and give the number of a name.
        let (retry, cancelled) = unsafe { ((self.retry_domain)(), (self.cancelled_domain)()) };
        if domain == cancelled && code == CANCELLED {
            ScannerError::NoFinger
        } else if domain == retry {
            ScannerError::Image(words)
        } else {
            ScannerError::Device(words)
        }
    }
}

/// A C string of the library's as ours; empty for none.
///
/// # Safety
/// Null, or a C string that lives during the call.
unsafe fn words(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// A device that was found and opened; the context owns it.
struct Opened {
    context: *mut c_void,
    device: *mut c_void,
}

// SAFETY: the device is used by one thread at a time, behind the mutex of `Plugged`; libfprint's
// synchronous calls iterate the default main context and keep no thread-local state.
unsafe impl Send for Opened {}

/// A cancellable that a waiting capture holds.
struct Waiting(*mut c_void);

// SAFETY: `g_cancellable_cancel` may be called from any thread; the pointer is taken out of the
// mutex of `Plugged::waiting` before the capture gives its reference back.
unsafe impl Send for Waiting {}

/// Whatever scanner libfprint finds when a finger is wanted.
pub struct Plugged {
    library: Library,
    /// Names of libfprint's drivers of the scanners that were handed out; empty: any.
    drivers: Vec<String>,
    wait: Duration,
    opened: Mutex<Option<Opened>>,
    waiting: Mutex<Option<Waiting>>,
    name: Mutex<String>,
}

impl Plugged {
    /// The scanners of these drivers (as `uru4000`), or of any when none is named; `wait`: how long a finger is
    /// waited for. No scanner need be there yet.
    ///
    /// # Errors
    /// [`ScannerError::Device`]: the library is not installed, or lacks a function.
    pub fn new(drivers: Vec<String>, wait: Duration) -> Result<Self, ScannerError> {
        Ok(Self {
            library: Library::load()?,
            drivers,
            wait,
            opened: Mutex::new(None),
            waiting: Mutex::new(None),
            name: Mutex::new(String::new()),
        })
    }

    /// The device, once a capture that still waits has let go of it.
    fn take_hold(&self) -> Result<MutexGuard<'_, Option<Opened>>, ScannerError> {
        const STEP: Duration = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        loop {
            match self.opened.try_lock() {
                Ok(opened) => return Ok(opened),
                Err(TryLockError::Poisoned(held)) => return Ok(held.into_inner()),
                Err(TryLockError::WouldBlock) if waited < LETTING_GO => {
                    self.stop();
                    std::thread::sleep(STEP);
                    waited += STEP;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(ScannerError::Hangs(self.name()));
                }
            }
        }
    }

    /// The first scanner that gives images and was handed out, opened.
    fn find(&self) -> Result<Opened, ScannerError> {
        let library = &self.library;
        // SAFETY: no arguments; the reference is ours.
        let context = unsafe { (library.context_new)() };
        if context.is_null() {
            return Err(failed("no context"));
        }
        let found = self.open_one_of(context);
        if found.is_err() {
            // SAFETY: the context is live and ours; no device of it is open.
            unsafe { (library.unref)(context) };
        }
        found
    }

    /// The first scanner of a context that gives images and was handed out.
    fn choose(&self, context: *mut c_void) -> Result<*mut c_void, ScannerError> {
        let library = &self.library;
        // SAFETY: the context is live; the array is the library's and lives with the context.
        let devices = unsafe {
            let devices = (library.get_devices)(context);
            if devices.is_null() || (*devices).length == 0 {
                return Err(ScannerError::Absent);
            }
            std::slice::from_raw_parts((*devices).items, (*devices).length as usize)
        };
        // SAFETY: every device of the array is live; its driver's and its own name live with it.
        let told = |device: *mut c_void| unsafe {
            (
                words((library.device_driver)(device)),
                words((library.device_name)(device)),
                (library.has_feature)(device, GIVES_IMAGES) != 0,
            )
        };
        let is_ours = |driver: &String| self.drivers.is_empty() || self.drivers.contains(driver);
        let chosen = devices.iter().copied().find(|device| {
            let (driver, _, gives_images) = told(*device);
            gives_images && is_ours(&driver)
        });
        chosen.ok_or_else(|| {
            let names = devices.iter().map(|device| told(*device).1);
            ScannerError::Wrong(names.collect::<Vec<_>>().join(", "))
        })
    }

    fn open_one_of(&self, context: *mut c_void) -> Result<Opened, ScannerError> {
        let library = &self.library;
        let device = self.choose(context)?;
        let mut error: Error = std::ptr::null_mut();
        // SAFETY: the device is live; a null cancellable is allowed; the error slot is ours.
        let is_open = unsafe { (library.open)(device, std::ptr::null_mut(), &raw mut error) };
        if is_open == 0 {
            return Err(match library.taken(error) {
                ScannerError::Image(words) => ScannerError::Device(words),
                ScannerError::NoFinger => failed("it did not open"),
                other @ (ScannerError::Absent
                | ScannerError::Wrong(_)
                | ScannerError::Hangs(_)
                | ScannerError::Device(_)) => other,
            });
        }
        // SAFETY: the device is live; its name lives with it.
        let name = unsafe { words((library.device_name)(device)) };
        *self.name.lock().unwrap_or_else(PoisonError::into_inner) = name;
        Ok(Opened { context, device })
    }

    /// Gives a device back that failed: the next capture looks for one anew.
    fn give_back(&self, opened: &Opened) {
        let library = &self.library;
        let mut error: Error = std::ptr::null_mut();
        // SAFETY: the device was open; whether it closes well does not matter, since it is gone
        // or broken; the context is ours and lets go of it.
        unsafe {
            if (library.close)(opened.device, std::ptr::null_mut(), &raw mut error) == 0
                && !error.is_null()
            {
                (library.free_error)(error);
            }
            (library.unref)(opened.context);
        }
    }

    /// Waits for a finger on an open device.
    fn wait(&self, opened: &Opened) -> Result<Capture, ScannerError> {
        let library = &self.library;
        // SAFETY: no arguments; the reference is ours until the end of this function.
        let cancellable = unsafe { (library.cancellable_new)() };
        // SAFETY: a live object; `stop` has a reference of its own through this.
        let held = unsafe { (library.reference)(cancellable) };
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(Waiting(held));
        let mut error: Error = std::ptr::null_mut();
        let (ended, over) = channel::<()>();
        let image = std::thread::scope(|scope| {
            scope.spawn(move || {
                if let Err(RecvTimeoutError::Timeout) = over.recv_timeout(self.wait) {
                    self.stop();
                }
            });
            // SAFETY: the device is open and used by this thread alone (mutex); 1 waits for a finger.
            let image = unsafe { (library.capture)(opened.device, 1, cancellable, &raw mut error) };
            drop(ended);
            image
        });
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // SAFETY: both references are ours; nobody else can reach the object any more.
        unsafe {
            if let Some(Waiting(held)) = waiting {
                (library.unref)(held);
            }
            (library.unref)(cancellable);
        }
        if image.is_null() {
            return Err(library.taken(error));
        }
        let mut length = 0usize;
        // SAFETY: the image is live until `unref`; the data pointer holds `length` bytes, which are
        // copied before it is freed.
        let (pixels, width, height, ppmm) = unsafe {
            let data = (library.image_data)(image, &raw mut length);
            let pixels = if data.is_null() {
                Vec::new()
            } else {
                std::slice::from_raw_parts(data, length).to_vec()
            };
            let size = ((library.image_width)(image), (library.image_height)(image));
            let ppmm = (library.image_ppmm)(image);
            (library.unref)(image);
            (pixels, size.0, size.1, ppmm)
        };
        // A driver that does not say has the resolution that libfprint's own detector takes for granted.
        let ppmm = if ppmm > 0.0 { ppmm } else { USUAL_PPMM };
        let dpi = (ppmm * 25.4).round().clamp(0.0, 10_000.0) as u32;
        GreyImage::from_raw(width, height, dpi, pixels)
            .map(Capture::Image)
            .map_err(|error| ScannerError::Image(error.to_string()))
    }
}

impl Plugged {
    /// Whether a scanner of the kit is connected, without opening it.
    fn is_connected(&self) -> Result<(), ScannerError> {
        let library = &self.library;
        // SAFETY: no arguments; the reference is ours.
        let context = unsafe { (library.context_new)() };
        if context.is_null() {
            return Err(failed("no context"));
        }
        let chosen = self.choose(context).map(|_| ());
        // SAFETY: the context is live and ours; no device of it is open.
        unsafe { (library.unref)(context) };
        chosen
    }
}

impl Scanner for Plugged {
    fn capture(&self) -> Result<Capture, ScannerError> {
        let mut opened = self.take_hold()?;
        let was_open = opened.is_some();
        let mut is_last = !was_open;
        loop {
            if opened.is_none() {
                *opened = Some(self.find()?);
            }
            let Some(device) = opened.as_ref() else {
                return Err(ScannerError::Absent);
            };
            let seen = self.wait(device);
            let is_broken = matches!(seen, Err(ScannerError::Device(_)));
            if !is_broken {
                return seen;
            }
            if let Some(device) = opened.take() {
                self.give_back(&device);
            }
            // Pulled out and put back between two voters: one look is enough.
            if is_last {
                return seen;
            }
            is_last = true;
        }
    }

    fn stop(&self) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Waiting(cancellable)) = waiting.as_ref() {
            // SAFETY: `wait` takes the pointer out under this lock before it gives the reference back.
            unsafe { (self.library.cancel)(*cancellable) };
        }
    }

    fn look(&self) -> Result<(), ScannerError> {
        // While a finger is waited for, or the device is open, the next capture tells.
        match self.opened.try_lock() {
            Ok(opened) if opened.is_none() => self.is_connected(),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn name(&self) -> String {
        self.name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
