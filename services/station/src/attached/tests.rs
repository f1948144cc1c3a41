#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("{text}\n")).unwrap();
}

fn keyboard(folder: &Path, place: &str, name: &str, ids: (&str, &str), serial: &str) {
    let inputs = format!("inputs/{place}");
    write(folder, &format!("{inputs}/name"), name);
    write(folder, &format!("{inputs}/id/vendor"), ids.0);
    write(folder, &format!("{inputs}/id/product"), ids.1);
    write(folder, &format!("{inputs}/uniq"), serial);
    let keys = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe";
    write(folder, &format!("{inputs}/capabilities/key"), keys);
}

fn attached(folder: &Path) -> Attached {
    let attached = Attached::default();
    attached.look_at(Places {
        screens: folder.join("screens"),
        inputs: folder.join("inputs"),
    });
    attached
}

#[test]
fn a_screen_on_a_cable_is_lost_when_the_cable_is_pulled_and_a_panel_is_none() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let attached = attached(folder);
    attached.look(false, &[]);
    assert!(
        !attached.is_screen_lost(),
        "a kit without a monitor lacks none"
    );
    write(folder, "screens/card0-eDP-1/status", "connected");
    write(folder, "screens/card0-HDMI-A-1/status", "disconnected");
    attached.look(false, &[]);
    write(folder, "screens/card0-eDP-1/status", "disconnected");
    attached.look(false, &[]);
    assert!(!attached.is_screen_lost());
    write(folder, "screens/card0-HDMI-A-1/status", "connected");
    attached.look(false, &[]);
    assert!(!attached.is_screen_lost());
    write(folder, "screens/card0-HDMI-A-1/status", "disconnected");
    attached.look(false, &[]);
    assert!(attached.is_screen_lost());
    // The cable in another socket is the same screen.
    write(folder, "screens/card0-DP-2/status", "connected");
    attached.look(false, &[]);
    assert!(!attached.is_screen_lost());
}

#[test]
fn a_keyboard_that_comes_after_the_opening_is_foreign_unless_it_was_handed_out() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let attached = attached(folder);
    keyboard(folder, "input3", "built in", ("0001", "0001"), "");
    // A power button types no letters.
    write(folder, "inputs/input1/capabilities/key", "10000000000000 0");
    attached.look(false, &[]);
    assert_eq!(attached.look(true, &[]), Change::default());
    keyboard(folder, "input9", "made by a program", ("0000", "0000"), "");
    let change = attached.look(true, &[]);
    assert_eq!(change.foreign.len(), 1);
    assert_eq!(change.foreign[0].name, "made by a program");
    assert_eq!(
        attached.look(true, &[]),
        Change::default(),
        "it is said once"
    );
    assert_eq!(attached.foreign().len(), 1, "and stands while it is there");
    std::fs::remove_dir_all(folder.join("inputs/input9")).unwrap();
    attached.look(true, &[]);
    assert!(attached.foreign().is_empty());
}

#[test]
fn with_a_list_of_what_was_handed_out_nothing_else_types() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let attached = attached(folder);
    let handed = |serial: &str| DeviceEntry {
        vendor: 0x05f9,
        product: 0x221c,
        serial: serial.to_owned(),
    };
    keyboard(folder, "input3", "another's", ("046d", "c31c"), "");
    keyboard(folder, "input4", "the reader", ("05f9", "221c"), "A7");
    let change = attached.look(true, &[handed("")]);
    assert_eq!(change.foreign.len(), 1);
    assert_eq!(change.foreign[0].vendor, 0x046d);
    keyboard(folder, "input5", "the same kind", ("05f9", "221c"), "B8");
    assert!(attached.look(true, &[handed("")]).foreign.is_empty());
    let change = attached.look(true, &[handed("A7")]);
    assert_eq!(change.foreign[0].serial, "B8");
}
