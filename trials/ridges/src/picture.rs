//! Grey pictures and their PNG form.

/// An 8-bit grey picture, row-major, 0 = black.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width × height` values.
    pub pixels: Vec<u8>,
}

/// Writes a picture as PNG with its resolution in the pHYs chunk; same picture, same bytes.
///
/// `dpi` is in pixels per inch (500 for every picture of this crate). Cost: about 5 ms for a
/// sensor window.
///
/// # Panics
/// When `pixels` is not `width × height` long or a side is 0.
pub fn png(picture: &Grey, dpi: u32) -> Vec<u8> {
    let per_metre = (f64::from(dpi) / 0.0254).round() as u32;
    let mut bytes = Vec::with_capacity(picture.pixels.len());
    let mut encoder = png::Encoder::new(&mut bytes, picture.width as u32, picture.height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder
        .write_header()
        .expect("a Vec takes all bytes, sides are not 0");
    writer
        .write_image_data(&picture.pixels)
        .expect("pixels are width × height");
    writer.finish().expect("a Vec takes all bytes");
    bytes
}
