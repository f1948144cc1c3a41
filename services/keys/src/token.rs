//! Keys on a card, token or HSM through PKCS#11: the private half never leaves it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use lexicon::handover::envelope::{Kid, PublicKey, SignError, Signer, sha256};
use lexicon::handover::package::KeyAgreement;

/// OID of P-256 as DER: what the token calls the curve.
const CURVE: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// Why a token did not do what was asked. The holder acts on a wrong PIN, the engineer on the rest.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The PKCS#11 library.
    #[error("PKCS#11 library {path}: {why}")]
    Module {
        /// Which library.
        path: String,
        /// What it said.
        why: String,
    },
    /// No token holds this key now.
    #[error("no token with the key {0} is connected")]
    Absent(String),
    /// Another PIN.
    #[error("the PIN is wrong")]
    Pin,
    /// The token takes no more PINs.
    #[error("the token is locked: too many wrong PINs")]
    Locked,
    /// A token of this label is connected already: another one would be taken for it.
    #[error("a token called {0} is connected already: take it out, or give another label")]
    Named(String),
    /// There is no empty token to make a key on.
    #[error("no empty token is connected")]
    NoneEmpty,
    /// Anything else that the token said.
    #[error("the token: {0}")]
    Device(String),
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        if let Error::Pkcs11(
            RvError::PinIncorrect | RvError::PinLenRange | RvError::PinInvalid,
            _,
        ) = error
        {
            TokenError::Pin
        } else if let Error::Pkcs11(RvError::PinLocked, _) = error {
            TokenError::Locked
        } else {
            TokenError::Device(error.to_string())
        }
    }
}

/// A PKCS#11 library with whatever tokens are connected now.
#[derive(Clone)]
pub struct TokenModule(Pkcs11);

impl std::fmt::Debug for TokenModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenModule")
    }
}

/// A P-256 key that a connected token shows without a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCard {
    /// The token's label.
    pub label: String,
    /// The key's public half.
    pub public: PublicKey,
    slot: Slot,
}

impl TokenModule {
    /// Loads the library. A process loads one library once: loading the same again is no error.
    ///
    /// # Errors
    /// [`TokenError::Module`].
    pub fn load(path: &Path) -> Result<Self, TokenError> {
        let failed = |error: Error| TokenError::Module {
            path: path.display().to_string(),
            why: error.to_string(),
        };
        let module = Pkcs11::new(path).map_err(failed)?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(Self(module)),
            Err(error) => Err(failed(error)),
        }
    }

    /// The P-256 keys of the tokens that are connected now. A token that cannot be read is passed over.
    ///
    /// # Errors
    /// [`TokenError::Device`] when the library cannot list its slots.
    pub fn cards(&self) -> Result<Vec<TokenCard>, TokenError> {
        let mut cards = Vec::new();
        for slot in self.0.get_slots_with_initialized_token()? {
            let Ok(info) = self.0.get_token_info(slot) else {
                continue;
            };
            let Ok(session) = self.0.open_ro_session(slot) else {
                continue;
            };
            let wanted = [
                Attribute::Class(ObjectClass::PUBLIC_KEY),
                Attribute::KeyType(KeyType::EC),
            ];
            for object in session.find_objects(&wanted).unwrap_or_default() {
                if let Some(public) = point_of(&session, object) {
                    cards.push(TokenCard {
                        label: info.label().trim().to_owned(),
                        public,
                        slot,
                    });
                }
            }
        }
        Ok(cards)
    }

    /// Opens the key `kid` with its holder's PIN. The token is logged out when the key is dropped.
    ///
    /// # Errors
    /// [`TokenError::Absent`], [`TokenError::Pin`], [`TokenError::Locked`].
    pub fn unlock(&self, kid: Kid, pin: &str) -> Result<TokenKey, TokenError> {
        let absent = || TokenError::Absent(kid.hex());
        let card = self.card(kid)?;
        let session = self.0.open_ro_session(card.slot)?;
        match session.login(UserType::User, Some(&AuthPin::new(pin.to_owned().into()))) {
            Ok(()) => {}
            // Its PIN was asked for by another act, and is not believed here.
            Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                let why = "another act uses it now: try again".to_owned();
                return Err(TokenError::Device(why));
            }
            Err(error) => return Err(error.into()),
        }
        let ids = session.find_objects(&[
            Attribute::Class(ObjectClass::PUBLIC_KEY),
            Attribute::KeyType(KeyType::EC),
        ])?;
        let own = ids
            .into_iter()
            .find(|object| point_of(&session, *object) == Some(card.public));
        let id = own.and_then(|object| {
            let found = session.get_attributes(object, &[AttributeType::Id]).ok()?;
            found.into_iter().find_map(|attribute| {
                if let Attribute::Id(id) = attribute {
                    Some(id)
                } else {
                    None
                }
            })
        });
        let mut wanted = vec![
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(KeyType::EC),
        ];
        wanted.extend(id.map(Attribute::Id));
        let private = session.find_objects(&wanted)?.into_iter().next();
        Ok(TokenKey {
            private: private.ok_or_else(absent)?,
            session: Arc::new(Mutex::new(session)),
            public: card.public,
        })
    }

    fn card(&self, kid: Kid) -> Result<TokenCard, TokenError> {
        let mut cards = self.cards()?.into_iter();
        let found = cards.find(|card| card.public.kid() == kid);
        found.ok_or_else(|| TokenError::Absent(kid.hex()))
    }

    /// A session that may write on the token that holds `kid`.
    pub(crate) fn writable(&self, kid: Kid) -> Result<Session, TokenError> {
        Ok(self.0.open_rw_session(self.card(kid)?.slot)?)
    }

    /// Makes an empty token one of ours: label, PIN, and a new P-256 key made on it, which it never gives out.
    ///
    /// # Errors
    /// [`TokenError::NoneEmpty`], [`TokenError::Device`].
    pub fn issue(
        &self,
        label: &str,
        security_pin: &str,
        pin: &str,
    ) -> Result<TokenCard, TokenError> {
        let secret = |text: &str| AuthPin::new(text.to_owned().into());
        let empty = |slot: &Slot| {
            let info = self.0.get_token_info(*slot);
            info.is_ok_and(|info| !info.token_initialized())
        };
        let slot = self.0.get_slots_with_token()?.into_iter().find(empty);
        let slot = slot.ok_or(TokenError::NoneEmpty)?;
        let ready = self.0.get_slots_with_initialized_token()?;
        let bears = |slot: &Slot| {
            let info = self.0.get_token_info(*slot);
            info.is_ok_and(|info| info.label().trim() == label)
        };
        if ready.iter().any(bears) {
            return Err(TokenError::Named(label.to_owned()));
        }
        self.0.init_token(slot, &secret(security_pin), label)?;
        // A soft token moves to a slot of its own when it is initialised.
        let slot = self
            .0
            .get_slots_with_token()?
            .into_iter()
            .find(bears)
            .unwrap_or(slot);
        let session = self.0.open_rw_session(slot)?;
        session.login(UserType::So, Some(&secret(security_pin)))?;
        session.init_pin(&secret(pin))?;
        session.logout()?;
        session.login(UserType::User, Some(&secret(pin)))?;
        let id = Attribute::Id(vec![1]);
        let (public, _) = session.generate_key_pair(
            &Mechanism::EccKeyPairGen,
            &[
                Attribute::Token(true),
                Attribute::Private(false),
                Attribute::Verify(true),
                Attribute::EcParams(CURVE.to_vec()),
                id.clone(),
            ],
            &[
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Sign(true),
                Attribute::Derive(true),
                id,
            ],
        )?;
        let public = point_of(&session, public)
            .ok_or_else(|| TokenError::Device("it does not show the key it made".to_owned()))?;
        Ok(TokenCard {
            label: label.to_owned(),
            public,
            slot,
        })
    }
}

/// The point of a public key on P-256; other curves have points of other lengths.
fn point_of(session: &Session, object: ObjectHandle) -> Option<PublicKey> {
    let found = session
        .get_attributes(object, &[AttributeType::EcPoint, AttributeType::EcParams])
        .ok()?;
    let is_ours = found
        .iter()
        .any(|attribute| matches!(attribute, Attribute::EcParams(curve) if curve[..] == CURVE));
    let point = found.iter().find_map(|attribute| {
        if let Attribute::EcPoint(point) = attribute {
            Some(point.as_slice())
        } else {
            None
        }
    })?;
    // An OCTET STRING, as the standard says; some tokens give the bare point.
    let point = point
        .strip_prefix(&[0x04, 0x41])
        .filter(|_| point.len() == 67)
        .unwrap_or(point);
    is_ours.then(|| PublicKey::from_bytes(point)).flatten()
}

/// A key on a token whose holder has given the PIN.
pub struct TokenKey {
    session: Arc<Mutex<Session>>,
    private: ObjectHandle,
    public: PublicKey,
}

impl TokenKey {
    /// What screens and trust anchors say about a key of this kind.
    pub const HOME: &'static str = "token (PKCS#11)";

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn failed(&self, error: impl std::fmt::Display) -> SignError {
        SignError {
            kid: self.public.kid(),
            why: error.to_string(),
        }
    }
}

impl Signer for TokenKey {
    fn kid(&self) -> Kid {
        self.public.kid()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let raw = self
            .session()
            .sign(&Mechanism::Ecdsa, self.private, &sha256(message))
            .map_err(|error| self.failed(error))?;
        let signature =
            p256::ecdsa::Signature::from_slice(&raw).map_err(|error| self.failed(error))?;
        let mut out = [0u8; 64];
        out.copy_from_slice(&signature.normalize_s().to_bytes());
        Ok(out)
    }
}

impl KeyAgreement for TokenKey {
    fn public(&self) -> PublicKey {
        self.public
    }

    fn agree(&self, ephemeral: &PublicKey) -> Result<[u8; 32], SignError> {
        let session = self.session();
        let shared = session
            .derive_key(
                &Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), &ephemeral.0)),
                self.private,
                &[
                    Attribute::Class(ObjectClass::SECRET_KEY),
                    Attribute::KeyType(KeyType::GENERIC_SECRET),
                    Attribute::Token(false),
                    Attribute::Sensitive(false),
                    Attribute::Extractable(true),
                    Attribute::ValueLen(32.into()),
                ],
            )
            .map_err(|error| self.failed(error))?;
        let value = session.get_attributes(shared, &[AttributeType::Value]);
        let _ = session.destroy_object(shared);
        let value = value.map_err(|error| self.failed(error))?;
        let bytes = value.into_iter().find_map(|attribute| {
            if let Attribute::Value(bytes) = attribute {
                <[u8; 32]>::try_from(bytes).ok()
            } else {
                None
            }
        });
        bytes.ok_or_else(|| self.failed("the shared secret has not 32 bytes"))
    }
}
