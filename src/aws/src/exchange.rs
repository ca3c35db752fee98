//! What the orchestrator calls for one request: writing it, finding its endpoint,
//! reading its answer.

use crate::answer::Heard;
use crate::endpoint::Rules;
use crate::quirks;
use crate::registry::Loaded;
use crate::schema::{Node, Static};
use crate::traffic::{Current, Kept};
use crate::write::{Parameters, document, known};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::endpoint::{
    EndpointFuture, EndpointPrefix, EndpointResolverParams, ResolveEndpoint,
};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest, HttpResponse, Metadata, OrchestratorError,
};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SerializeRequest};
use aws_smithy_schema::Schema;
use aws_smithy_schema::protocol::SharedClientProtocol;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_types::Document;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::endpoint::Endpoint;
use serde_json::{Map, Value, json};
use shoseki_caller::scrub;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Parameters of one request for the endpoint rules.
#[derive(Debug)]
struct EndpointOf {
    params: Map<String, Value>,
    /// Under which the answer of the rules may be kept; `None` where the
    /// parameters depend on the request.
    key: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Serializer {
    pub(crate) endpoint: Map<String, Value>,
    pub(crate) overridden: bool,
}

impl SerializeRequest for Serializer {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let current: Current = input.downcast().map_err(|_| "a request of unknown kind")?;
        let call = current.0.clone();
        let service = call.service;
        let operation = call.operation;
        let params = quirks::params(service, &call.params);

        let mut endpoint = self.endpoint.clone();
        endpoint.extend(operation.context.clone());
        let fixed = endpoint.len();
        quirks::endpoint(service, operation, &params, self.overridden, &mut endpoint);
        let key = (endpoint.len() == fixed).then_some(call.name);
        let bucket = endpoint.contains_key("Bucket");
        let state = cfg.interceptor_state();
        state.store_put(Metadata::new(call.name, service.model.id.as_str()));
        state.store_put(current);
        state.store_put(EndpointResolverParams::new(EndpointOf {
            params: endpoint,
            key,
        }));
        if let Some(prefix) = host_prefix(service, operation.host_prefix.as_deref(), &params)
            && !self.overridden
        {
            state.store_put(EndpointPrefix::new(prefix)?);
        }

        let schemas = service.input_schema(call.name, operation);
        let schema = if bucket {
            schemas.bucketless
        } else {
            schemas.plain
        };
        let writer = cfg
            .load::<SharedClientProtocol>()
            .ok_or("no protocol")?
            .clone();
        let members = service.model.input(operation);
        known(members, &params)?;
        let mut request = match operation.input.and_then(|i| service.inputs.node(i)) {
            Some(Node::Structure(_, own)) => {
                let parameters = Parameters {
                    model: service.model,
                    inputs: &service.inputs,
                    members,
                    schemas: own,
                    schema,
                    values: &params,
                };
                writer.serialize_request(&parameters, schema, "", cfg)?
            }
            _ => writer.serialize_request(&Nothing(schema), schema, "", cfg)?,
        };
        if let Some((name, value)) = quirks::headers(service) {
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

/// The host prefix of an operation with its labels filled in. The rules of S3
/// Control add theirs themselves.
fn host_prefix(
    service: &Loaded,
    prefix: Option<&str>,
    params: &Map<String, Value>,
) -> Option<String> {
    let mut prefix = prefix.filter(|_| service.key != "s3control")?.to_owned();
    for (name, value) in params {
        if let Some(text) = value.as_str() {
            prefix = prefix.replace(&format!("{{{name}}}"), text);
        }
    }
    Some(prefix)
}

/// The request of an operation that takes nothing.
struct Nothing(Static);

impl SerializableStruct for Nothing {
    fn schema(&self) -> &Schema<'_> {
        self.0
    }

    fn serialize_members(&self, _: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Deserializer;

impl DeserializeResponse for Deserializer {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        cfg: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let Some(Current(call)) = cfg.load::<Current>() else {
            return Err(OrchestratorError::other("an answer to no request"));
        };
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(k, v)| (k.to_ascii_lowercase(), clean(v)))
            .collect();
        let header = |name: &str| {
            let found = headers.iter().find(|(k, _)| k == name);
            found.map(|(_, v)| v.clone())
        };
        // Secrets by their look go first, so that what is read is what is kept.
        let (body, scrubbed) = scrub(response.body().bytes().unwrap_or_default());
        let keep = |body: Cow<'_, [u8]>, redacted: u64| match redacted {
            0 => Kept::of(response.body()),
            _ => Kept::Redacted(body.into_owned()),
        };
        let heard = Heard {
            model: call.service.model,
            name: call.name,
            operation: call.operation,
            secret: &call.secret,
            status: response.status().as_u16(),
            headers: &headers,
            body: &body,
        };
        let mut traffic = call.traffic();
        traffic.status = Some(heard.status);
        traffic.date = header("date");
        traffic.request_id = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
            .iter()
            .find_map(|name| header(name));
        traffic.headers = heard.told_in_headers();
        match heard.read() {
            Ok(answer) => {
                traffic.redacted = answer.redacted + scrubbed;
                traffic.body = Some(keep(answer.body, traffic.redacted));
                Ok(Output::erase(answer.value))
            }
            Err(unread) => {
                traffic.redacted = scrubbed;
                traffic.body = unread.keep.then(|| keep(Cow::Borrowed(&body), scrubbed));
                Err(OrchestratorError::operation(Error::erase(*unread.error)))
            }
        }
    }
}

/// A header's value without secrets.
fn clean(value: &str) -> String {
    String::from_utf8_lossy(&scrub(value.as_bytes()).0).into_owned()
}

pub(crate) struct Resolver {
    rules: &'static Rules,
    known: Mutex<HashMap<&'static str, Endpoint>>,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

impl Resolver {
    pub(crate) fn new(rules: &'static Rules) -> Self {
        Self {
            rules,
            known: Mutex::default(),
        }
    }

    fn resolve(&self, of: &EndpointOf) -> Result<Endpoint, BoxError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(endpoint) = of.key.and_then(|k| lock().get(k).cloned()) {
            return Ok(endpoint);
        }
        let resolved = self.rules.resolve(&of.params)?;
        let mut builder = Endpoint::builder().url(resolved.url);
        // Only sigv4 is spoken here; sigv4a is for several regions at once.
        let schemes: Vec<Document> = resolved.properties["authSchemes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|s| s["name"] == json!("sigv4"))
            .map(document)
            .collect();
        if !schemes.is_empty() {
            builder = builder.property("authSchemes", Document::Array(schemes));
        }
        for (name, values) in resolved.headers.as_object().into_iter().flatten() {
            for value in values.as_array().into_iter().flatten() {
                builder =
                    builder.header(name.clone(), value.as_str().unwrap_or_default().to_owned());
            }
        }
        let endpoint = builder.build();
        if let Some(key) = of.key {
            lock().insert(key, endpoint.clone());
        }
        Ok(endpoint)
    }
}

impl ResolveEndpoint for Resolver {
    fn resolve_endpoint<'a>(&'a self, params: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        let of = params.get::<EndpointOf>();
        EndpointFuture::ready(match of {
            Some(of) => self.resolve(of),
            None => Err("no endpoint parameters".into()),
        })
    }
}
