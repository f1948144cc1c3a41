//! A real scanner through libfprint 2, loaded when it is asked for.
//!
//! The binary does not need the library to start: `libfprint-2.so.2` and GLib are opened by name at
//! run time, and only the dozen functions below are called. This module is the station's one place
//! for `unsafe`. The library's `virtual_image` device goes the same way (`FP_VIRTUAL_IMAGE`).
#![expect(
    unsafe_code,
    reason = "the one door to a C library; each block says why it holds"
)]

use std::ffi::{CStr, c_char, c_double, c_int, c_uint, c_void};
use std::sync::{Arc, Mutex};

use fingerprint::GreyImage;

use crate::capture::Capture;
use crate::scanner::{Scanner, ScannerError};

const RTLD_NOW: c_int = 2;

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
    open: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut Error) -> c_int,
    capture: unsafe extern "C" fn(*mut c_void, c_int, *mut c_void, *mut Error) -> *mut c_void,
    image_data: unsafe extern "C" fn(*mut c_void, *mut usize) -> *const u8,
    image_width: unsafe extern "C" fn(*mut c_void) -> c_uint,
    image_height: unsafe extern "C" fn(*mut c_void) -> c_uint,
    image_ppmm: unsafe extern "C" fn(*mut c_void) -> c_double,
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
        let glib = open_library(c"libglib-2.0.so.0")?;
        Ok(Self {
            get_devices: function!(fprint, c"fp_context_get_devices"),
            device_name: function!(fprint, c"fp_device_get_name"),
            open: function!(fprint, c"fp_device_open_sync"),
            capture: function!(fprint, c"fp_device_capture_sync"),
            image_data: function!(fprint, c"fp_image_get_data"),
            image_width: function!(fprint, c"fp_image_get_width"),
            image_height: function!(fprint, c"fp_image_get_height"),
            image_ppmm: function!(fprint, c"fp_image_get_ppmm"),
            unref: function!(gobject, c"g_object_unref"),
            free_error: function!(glib, c"g_error_free"),
            context_new: function!(fprint, c"fp_context_new"),
        })
    }

    /// Takes an error's words and frees it.
    fn words(&self, error: Error) -> ScannerError {
        if error.is_null() {
            return failed("no reason given");
        }
        // SAFETY: a non-null GError is owned by us; its message is a C string until it is freed.
        let words = unsafe {
            let words = CStr::from_ptr((*error).message)
                .to_string_lossy()
                .into_owned();
            (self.free_error)(error);
            words
        };
        ScannerError::Device(words)
    }
}

struct Handle {
    library: Library,
    device: *mut c_void,
}

// SAFETY: the device is used by one thread at a time, behind the mutex below; libfprint's
// synchronous calls iterate their own main context and keep no thread-local state.
unsafe impl Send for Handle {}

/// A scanner that libfprint drives.
struct Device {
    handle: Mutex<Handle>,
    name: String,
}

/// Opens the first scanner that libfprint finds.
///
/// # Errors
/// [`ScannerError::Device`]: the library is not installed, there is no scanner, or it does not open.
pub fn first() -> Result<Arc<dyn Scanner>, ScannerError> {
    let library = Library::load()?;
    // SAFETY: no arguments; the context lives as long as the process, and owns the devices.
    let context = unsafe { (library.context_new)() };
    if context.is_null() {
        return Err(failed("no context"));
    }
    // SAFETY: the context is live; the returned array is the library's and lives with the context.
    let device = unsafe {
        let devices = (library.get_devices)(context);
        if devices.is_null() || (*devices).length == 0 {
            return Err(failed("no scanner is connected"));
        }
        *(*devices).items
    };
    let mut error: Error = std::ptr::null_mut();
    // SAFETY: the device is live; a null cancellable is allowed; the error slot is ours.
    let is_open = unsafe { (library.open)(device, std::ptr::null_mut(), &raw mut error) };
    if is_open == 0 {
        return Err(library.words(error));
    }
    // SAFETY: the device is live; its name is a C string that lives with it.
    let name = unsafe { CStr::from_ptr((library.device_name)(device)) }
        .to_string_lossy()
        .into_owned();
    Ok(Arc::new(Device {
        handle: Mutex::new(Handle { library, device }),
        name,
    }))
}

impl Scanner for Device {
    fn capture(&self) -> Result<Capture, ScannerError> {
        let handle = self
            .handle
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let library = &handle.library;
        let mut error: Error = std::ptr::null_mut();
        // SAFETY: the device is open and used by this thread alone (mutex); 1 waits for a finger.
        let image =
            unsafe { (library.capture)(handle.device, 1, std::ptr::null_mut(), &raw mut error) };
        if image.is_null() {
            return Err(library.words(error));
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
        let dpi = (ppmm * 25.4).round().clamp(0.0, 10_000.0) as u32;
        GreyImage::from_raw(width, height, dpi, pixels)
            .map(Capture::Image)
            .map_err(|error| ScannerError::Image(error.to_string()))
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_library_or_scanner_the_error_says_which() {
        // On a machine with a scanner the device opens; elsewhere the reason is a sentence.
        match first() {
            Ok(device) => assert!(!device.name().is_empty()),
            Err(error) => assert!(
                error
                    .to_string()
                    .starts_with("the scanner does not answer: ")
            ),
        }
    }
}
