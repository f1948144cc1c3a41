//! Counters that only rise, kept on the token where the kit's own key lies.

use std::sync::{Mutex, PoisonError};

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use lexicon::handover::envelope::Kid;

use crate::token::{TokenError, TokenModule};

/// What the objects on a token say they are for.
const APPLICATION: &[u8] = b"tizme";

/// Counters that only rise, by name. A disk that is set back does not set them back.
pub trait Counters: Send + Sync {
    /// Where a counter stands; `None` when there has never been one.
    ///
    /// # Errors
    /// [`TokenError`] when the token does not answer.
    fn read(&self, name: &str) -> Result<Option<u32>, TokenError>;

    /// Raises a counter; one that stands higher stays as it is.
    ///
    /// # Errors
    /// [`TokenError`] when the token does not answer, or keeps no data.
    fn raise(&self, name: &str, to: u32) -> Result<(), TokenError>;
}

/// Counters as private data objects (`CKO_DATA`) of a token. Whoever has the token and its PIN can take them away; whoever
/// has the disk alone cannot.
pub struct TokenCounters(Mutex<Session>);

impl TokenModule {
    /// The counters of the token that holds `kid`, whose PIN was given in this process ([`TokenModule::unlock`]) and whose
    /// key is still held.
    ///
    /// # Errors
    /// [`TokenError::Absent`], [`TokenError::Device`] for a token that lets nobody write.
    pub fn counters(&self, kid: Kid) -> Result<TokenCounters, TokenError> {
        Ok(TokenCounters(Mutex::new(self.writable(kid)?)))
    }
}

impl TokenCounters {
    fn with<T>(
        &self,
        act: impl FnOnce(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        act(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The objects of one name with their values; a value that is no number counts as 0.
fn found(session: &Session, name: &str) -> Result<Vec<(ObjectHandle, u32)>, TokenError> {
    let wanted = [
        Attribute::Class(ObjectClass::DATA),
        Attribute::Application(APPLICATION.to_vec()),
        Attribute::Label(name.as_bytes().to_vec()),
    ];
    let value = |object: ObjectHandle| {
        let read = session.get_attributes(object, &[AttributeType::Value])?;
        let number = read.into_iter().find_map(|attribute| {
            if let Attribute::Value(bytes) = attribute {
                <[u8; 4]>::try_from(bytes).ok().map(u32::from_be_bytes)
            } else {
                None
            }
        });
        Ok((object, number.unwrap_or(0)))
    };
    let objects = session.find_objects(&wanted)?;
    objects.into_iter().map(value).collect()
}

impl Counters for TokenCounters {
    fn read(&self, name: &str) -> Result<Option<u32>, TokenError> {
        let found = self.with(|session| found(session, name))?;
        Ok(found.into_iter().map(|(_, value)| value).max())
    }

    fn raise(&self, name: &str, to: u32) -> Result<(), TokenError> {
        self.with(|session| {
            let found = found(session, name)?;
            if found.iter().any(|(_, stands)| *stands >= to) {
                return Ok(());
            }
            // A new object stands before the old ones go: a cut between leaves the greater. Tokens let nobody write a value anew.
            session.create_object(&[
                Attribute::Class(ObjectClass::DATA),
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Application(APPLICATION.to_vec()),
                Attribute::Label(name.as_bytes().to_vec()),
                Attribute::Value(to.to_be_bytes().to_vec()),
            ])?;
            for (object, _) in found {
                session.destroy_object(object)?;
            }
            Ok(())
        })
    }
}
