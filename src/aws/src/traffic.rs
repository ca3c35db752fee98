//! One call on its way through the SDK's orchestrator: what is asked, and what
//! was seen of the traffic.

use crate::guard::{self, Wire};
use crate::model::Operation;
use crate::read::Paths;
use crate::registry::Loaded;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is asked.
pub(crate) struct Call {
    pub(crate) service: &'static Loaded,
    pub(crate) name: &'static str,
    pub(crate) operation: &'static Operation,
    pub(crate) params: Map<String, Value>,
    /// Further secrets in the answer.
    pub(crate) secret: Paths,
    /// It came through the signer's door: it may be `kms:Sign` and nothing else.
    signing: bool,
    traffic: Mutex<Traffic>,
}

/// What was seen on the wire.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// How many times it was sent.
    pub(crate) attempts: u32,
    /// Method and address.
    pub(crate) http: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) date: Option<String>,
    pub(crate) request_id: Option<String>,
    /// Headers that the answer is read from, secrets replaced.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body of the last answer, secrets replaced.
    pub(crate) body: Option<Kept>,
    /// How many secrets were replaced in it.
    pub(crate) redacted: u64,
}

/// The bytes of an answer that are kept. Large ones are not copied.
#[derive(Debug)]
pub(crate) enum Kept {
    /// As they came.
    Received(SdkBody),
    /// With secrets replaced.
    Redacted(Vec<u8>),
}

impl Kept {
    /// The body as it came, sharing its bytes.
    pub(crate) fn of(body: &SdkBody) -> Self {
        match body.try_clone() {
            Some(shared) => Kept::Received(shared),
            None => Kept::Redacted(body.bytes().unwrap_or_default().to_vec()),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Kept::Received(body) => body.bytes().unwrap_or_default(),
            Kept::Redacted(bytes) => bytes,
        }
    }
}

impl Call {
    pub(crate) fn new(
        service: &'static Loaded,
        name: &'static str,
        operation: &'static Operation,
        params: Map<String, Value>,
        secret: &[String],
    ) -> Self {
        Self {
            service,
            name,
            operation,
            params,
            secret: Paths::new(secret),
            signing: false,
            traffic: Mutex::default(),
        }
    }

    /// The call of the signer.
    pub(crate) fn signing(
        service: &'static Loaded,
        name: &'static str,
        operation: &'static Operation,
        params: Map<String, Value>,
    ) -> Self {
        Self {
            signing: true,
            ..Self::new(service, name, operation, params, &[])
        }
    }

    /// Whether it may be made at all.
    fn permitted(&self) -> Result<(), String> {
        match self.signing {
            true => guard::by_door(&self.service.key, self.name),
            false => guard::by_name(&self.service.key, self.name),
        }
    }

    /// What was seen so far.
    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `service:Operation`.
    pub(crate) fn title(&self) -> String {
        format!("{}:{}", self.service.key, self.name)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title())
    }
}

/// The call, where interceptors and the deserialiser find it.
#[derive(Clone, Debug)]
pub(crate) struct Current(pub(crate) Arc<Call>);

impl Storable for Current {
    type Storer = StoreReplace<Self>;
}

/// Guards and records each attempt.
#[derive(Debug)]
pub(crate) struct Watch;

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "shoseki"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let current: &Current = context
            .input()
            .downcast_ref()
            .ok_or("blocked: the request is of an unknown kind")?;
        current.0.permitted().map_err(BoxError::from)
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = &cfg.load::<Current>().ok_or("blocked: no call")?.0;
        let request = context.request();
        let wire = Wire {
            method: request.method(),
            uri: request.uri(),
            target: request.headers().get("x-amz-target"),
            body: request.body().bytes().unwrap_or_default(),
        };
        call.permitted()?;
        guard::by_wire(call.service.model, call.name, call.operation, &wire)?;
        let mut traffic = call.traffic();
        *traffic = Traffic {
            attempts: traffic.attempts + 1,
            http: Some(format!("{} {}", wire.method, wire.uri)),
            ..Traffic::default()
        };
        Ok(())
    }
}
