//! Words of the papers, ky and ru. Kyrgyz texts are drafts until a native editor approves them.

use lexicon::{FingerPosition, Method, RefusalReason, Texts};

use super::pictogram;

/// The name of a day mark, ky and ru.
#[must_use]
pub fn mark_name(mark: u8) -> (&'static str, &'static str) {
    pictogram::names(mark)
}

/// A method in ky and ru, with the finger as `П2` (right index) or `Л2`.
#[must_use]
pub fn method_words(method: Method, finger: Option<FingerPosition>) -> (String, String) {
    let finger = finger.map(|finger| {
        let number = finger.number();
        if number <= 5 {
            format!(" П{number}")
        } else {
            format!(" Л{}", number - 5)
        }
    });
    let finger = finger.unwrap_or_default();
    match method {
        Method::Finger => (format!("манжа{finger}"), format!("палец{finger}")),
        Method::Face2 => ("жүз, 2 кол".to_owned(), "лицо, 2 подписи".to_owned()),
        Method::Document2 => (
            "документ, 2 кол".to_owned(),
            "документ, 2 подписи".to_owned(),
        ),
        Method::Override2 => ("чечим, 2 кол".to_owned(), "решение, 2 подписи".to_owned()),
        Method::Home => ("үйдө".to_owned(), "на дому".to_owned()),
    }
}

/// A refusal in ky and ru: sentence and next step.
pub(super) fn refusal_words(reason: RefusalReason) -> [(String, String); 2] {
    let texts = Texts::kg().ok();
    let said = texts
        .as_ref()
        .and_then(|texts| texts.refusal.get(reason.code()));
    said.map_or_else(
        || {
            [
                (reason.code().to_owned(), reason.code().to_owned()),
                (String::new(), String::new()),
            ]
        },
        |said| {
            [
                (said.sentence.ky.clone(), said.sentence.ru.clone()),
                (said.next.ky.clone(), said.next.ru.clone()),
            ]
        },
    )
}

/// A refusal's few words in Russian, for report lines.
pub(super) fn refusal_short(code: &str) -> String {
    Texts::kg()
        .ok()
        .and_then(|texts| texts.refusal.get(code).map(|said| said.short.ru.clone()))
        .unwrap_or_else(|| code.to_owned())
}

/// An incident code in Russian, for report lines.
pub(super) fn incident_word(code: &str) -> &str {
    match code {
        "DUPLICATE" => "Двойная отметка",
        "EQUIVOCATION" => "Два события под одним номером",
        "CLOCK" => "Часы комплекта",
        "ROLLBACK" => "Журнал отброшен назад",
        "PARTITION" => "Нет связи",
        "CONFLICT" => "Исключён из списка, но отмечен",
        "STOP_NOTE" => "По реестру умер, палец совпал: сообщить в реестр",
        "HOME_RELEASED" => "На дому после передачи в зал",
        "BALLOT_TWICE" => "Два бюллетеня по одной строке",
        "BALLOT_NOT_COUNTED" => "Бюллетень выдан, отметка не учтена",
        "BALLOT_UNSIGNED" => "Бюллетень выдан без подписи в строке",
        "DELTA_TWICE" => "Два изменения списка под одним номером",
        "PAPER_COUNT" => "По бумаге: внесено не столько, сколько талонов",
        "PAPER_OVERLAP" => "По бумаге: в промежутке работал комплект",
        "OVERRIDE_QUOTA" => "Порог отметок двумя подписями превышен",
        other => other,
    }
}
