use super::*;

fn plot() -> Plot {
    let scores = |genuine: &[f32], impostor: &[f32]| Scores {
        genuine: genuine.iter().map(|s| (0, *s)).collect(),
        impostor: impostor.to_vec(),
    };
    Plot {
        title: "Two engines".to_owned(),
        note: String::new(),
        curves: vec![
            Curve::of(
                "good",
                &scores(&[9.0, 8.0, 7.0, 1.0], &[0.0, 2.0, 3.0, 4.0]),
            ),
            Curve::of("bad", &scores(&[9.0, 3.0, 2.0, 1.0], &[0.0, 2.0, 5.0, 6.0])),
        ],
    }
}

#[test]
fn a_rate_is_read_where_no_more_impostors_pass_than_allowed() {
    let plot = plot();
    let missed = |curve: usize, fmr: f64| fnmr_at(&plot.curves[curve], fmr);
    assert_eq!((missed(0, 0.0), missed(1, 0.0)), (0.25, 0.75));
    assert_eq!((missed(1, 0.49), missed(1, 0.5)), (0.75, 0.5));
}

#[test]
fn a_curve_enters_left_with_its_strictest_rate_and_leaves_right() {
    let drawn = svg(&plot());
    // The good engine misses a quarter before the first impostor passes: drawn last, so on top.
    let start = format!("M{LEFT:.1} {:.1}", y_of(0.25));
    let top = drawn.rfind("stroke-linejoin").map_or("", |end| {
        let from = drawn[..end].rfind("<path").unwrap_or(0);
        &drawn[from..end]
    });
    assert!(
        top.contains(&start) && top.contains(&format!("H{RIGHT}")),
        "{top}"
    );
    assert!(drawn.contains(">good<") && drawn.contains(">bad<"));
    assert!(!drawn.contains("NaN"));
}

#[test]
fn axes_run_from_their_least_to_their_greatest_rate() {
    assert_eq!((x_of(1e-4), x_of(0.5)), (LEFT, RIGHT));
    assert_eq!((y_of(1e-3), y_of(0.5)), (BOTTOM, TOP));
    assert_eq!((x_of(0.0), y_of(1.0)), (LEFT, TOP));
    assert_eq!(
        (percent(3e-4), percent(0.5)),
        ("0.03 %".to_owned(), "50 %".to_owned())
    );
}
