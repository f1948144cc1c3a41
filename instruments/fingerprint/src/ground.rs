//! Whether the ground beside the finger is lighter than the ridges, as it must be.

use crate::field::Mask;
use crate::raster::Plane;

/// Less ground than this share of the image says nothing.
const GROUND_SHARE_MIN: f32 = 0.1;

/// The ground lies at least 0.16 of the way from the dark tenth of the finger to its light tenth
/// (840 real prints; the thermal sensor has the darkest ground, optical and capacitive ones 0.7).
const LIGHTNESS_MIN: f32 = 0.08;

/// Ground as dark as the darkest tenth of the finger: the grey values are turned round.
///
/// Inside of the finger nothing tells ridges from valleys surely: either is the wider one, by how
/// moist the finger is. So an inverted image without ground, or of a sensor whose ground is
/// middling grey, passes.
pub(crate) fn is_inverted(image: &Plane, mask: &Mask) -> bool {
    let (mut ground, mut finger) = ([0u32; 256], [0u32; 256]);
    for y in 0..image.height {
        for (x, &grey) in image.row(y).iter().enumerate() {
            let counts = if mask.depth_at(x, y) > 0 {
                &mut finger
            } else {
                &mut ground
            };
            counts[grey.clamp(0.0, 255.0) as usize] += 1;
        }
    }
    let pixels = (image.width * image.height) as f32;
    if (ground.iter().sum::<u32>() as f32) < GROUND_SHARE_MIN * pixels {
        return false;
    }
    let (dark, light) = (quantile(&finger, 0.1), quantile(&finger, 0.9));
    let above = quantile(&ground, 0.5) - dark;
    light > dark && above < LIGHTNESS_MIN * (light - dark)
}

/// The grey value under which `share` of the counted ones lie.
fn quantile(counts: &[u32; 256], share: f64) -> f32 {
    let wanted = share * f64::from(counts.iter().sum::<u32>());
    let mut seen = 0.0;
    let at = counts.iter().position(|&count| {
        seen += f64::from(count);
        seen >= wanted
    });
    at.unwrap_or(255) as f32
}
