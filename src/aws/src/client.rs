//! One service in one region: a request through the SDK's orchestrator.

use crate::errors::CallError;
use crate::exchange::{Deserializer, Resolver, Serializer};
use crate::limits::rate;
use crate::protocol;
use crate::registry::Loaded;
use crate::traffic::{Call, Current, Watch};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions, sigv4};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::invoke;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime::client::retries::strategy::StandardRetryStrategy;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::{EndpointResolverParams, SharedEndpointResolver};
use aws_smithy_runtime_api::client::identity::{SharedIdentityCache, SharedIdentityResolver};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, SensitiveOutput};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::SharedRetryStrategy;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{SharedRequestSerializer, SharedResponseDeserializer};
use aws_smithy_schema::protocol::{ServiceVersion, ServiceXmlNamespace};
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::{Region, SigningRegion};
use serde_json::{Map, Value};
use shoseki_caller::{Limiter, Limits, is_loopback};
use std::sync::Arc;

/// Why a request has no usable answer.
pub(crate) type CallFailure = SdkError<CallError, HttpResponse>;

/// What all clients of a session share.
pub(crate) struct Shared {
    pub(crate) sdk: SdkConfig,
    pub(crate) identity_cache: SharedIdentityCache,
    pub(crate) limits: Limits,
    /// Further interceptors, for tests of the guard.
    #[cfg(test)]
    pub(crate) extra: Vec<SharedInterceptor>,
}

/// A service in a region.
pub(crate) struct Client {
    plugins: RuntimePlugins,
    pub(crate) limiter: Limiter,
    service: &'static Loaded,
}

impl Client {
    /// A client; `endpoint` overrides where requests go.
    pub(crate) fn new(
        shared: &Shared,
        service: &'static Loaded,
        region: &str,
        endpoint: Option<String>,
    ) -> Self {
        let loopback = endpoint.as_deref().is_some_and(is_loopback);
        let layer = layer(shared, service, region, endpoint);
        let components = components(shared, service);
        let defaults = DefaultPluginParams::new()
            .with_retry_partition_name(service.key.clone())
            .with_behavior_version(BehaviorVersion::latest());
        let plugins = RuntimePlugins::new()
            .with_client_plugins(default_plugins(defaults))
            .with_client_plugin(
                StaticRuntimePlugin::new()
                    .with_config(layer.freeze())
                    .with_runtime_components(components),
            );
        Self {
            plugins,
            limiter: Limiter::new(&shared.limits, rate(&service.key), loopback),
            service,
        }
    }

    /// Sends a request and reads the answer; what was seen of the traffic is in
    /// `call` afterwards.
    pub(crate) async fn send(&self, call: Arc<Call>) -> Result<Map<String, Value>, CallFailure> {
        let name = call.name;
        let input = Input::erase(Current(call));
        let output = invoke(self.service.model.id.as_str(), name, input, &self.plugins)
            .await
            .map_err(|e| {
                e.map_service_error(|e| {
                    e.downcast::<CallError>()
                        .unwrap_or_else(|_| CallError::malformed(0, "an error of unknown kind"))
                })
            })?;
        output
            .downcast::<Map<String, Value>>()
            .map_err(|_| SdkError::construction_failure("an answer of unknown kind"))
    }
}

fn layer(
    shared: &Shared,
    service: &'static Loaded,
    region: &str,
    endpoint: Option<String>,
) -> Layer {
    let model = service.model;
    let limits = &shared.limits;
    let mut layer = Layer::new("shoseki");
    layer.store_put(ServiceVersion::new(&model.api));
    if let Some(namespace) = &model.namespace {
        layer.store_put(ServiceXmlNamespace::new(namespace, None));
    }
    if let Some(app) = shared.sdk.app_name() {
        layer.store_put(app.clone());
    }
    layer.store_put(aws_runtime::user_agent::ApiMetadata::new(&service.key, "1"));
    layer.store_put(protocol::of(model));
    layer.store_put(SharedRequestSerializer::new(Serializer {
        endpoint: endpoint_params(shared, service, region, endpoint.as_deref()),
        overridden: endpoint.is_some(),
    }));
    layer.store_put(SharedResponseDeserializer::new(Deserializer));
    // Whatever is logged, no answer is before its secrets are replaced.
    layer.store_put(SensitiveOutput);
    layer.store_put(aws_types::SigningName::from_static(model.signing()));
    layer.store_put(SigningRegion::from(Region::new(region.to_owned())));
    let mut signing = SigningOptions::default();
    if model.signing() == "s3" {
        signing.double_uri_encode = false;
        signing.normalize_uri_path = false;
        signing.content_sha256_header = true;
    }
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: signing,
        ..Default::default()
    });
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(EndpointResolverParams::new(()));
    layer.store_put(
        RetryConfig::standard()
            .with_max_attempts(limits.attempts.max(1))
            .with_initial_backoff(limits.backoff),
    );
    layer.store_put(
        TimeoutConfig::builder()
            .connect_timeout(limits.connect)
            .read_timeout(limits.attempt)
            .operation_attempt_timeout(limits.attempt)
            .operation_timeout(limits.operation)
            .build(),
    );
    // The SDK's budget of retries would run out in a long throttled scan; how
    // fast requests go is the limiter's business.
    layer.store_put(
        RetryPartition::custom(format!("{}-{region}", service.key))
            .token_bucket(TokenBucket::unlimited())
            .build(),
    );
    layer
}

fn components(shared: &Shared, service: &'static Loaded) -> RuntimeComponentsBuilder {
    let sdk = &shared.sdk;
    let mut c = RuntimeComponentsBuilder::new("shoseki")
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<CallError>::new())
        .with_retry_classifier(ModeledAsRetryableClassifier::<CallError>::new())
        .with_retry_classifier(aws_runtime::retries::classifiers::AwsErrorCodeClassifier::<
            CallError,
        >::new())
        .with_retry_classifier(
            aws_runtime::service_clock_skew::ServiceClockSkewClassifier::<CallError>::new(),
        )
        .with_interceptor(SharedInterceptor::permanent(
            ConnectionPoisoningInterceptor::new(),
        ))
        .with_interceptor(aws_runtime::service_clock_skew::ServiceClockSkewInterceptor::new())
        .with_interceptor(aws_runtime::request_info::RequestInfoInterceptor::new())
        .with_interceptor(aws_runtime::user_agent::UserAgentInterceptor::new())
        .with_interceptor(aws_runtime::invocation_id::InvocationIdInterceptor::new())
        .with_interceptor(SharedInterceptor::permanent(Watch));
    #[cfg(test)]
    for extra in &shared.extra {
        c = c.with_interceptor(extra.clone());
    }
    c.set_http_client(sdk.http_client());
    c.set_sleep_impl(sdk.sleep_impl());
    c.set_time_source(sdk.time_source());
    c.set_identity_cache(Some(shared.identity_cache.clone()));
    c.set_retry_strategy(Some(SharedRetryStrategy::new(StandardRetryStrategy::new())));
    c.set_endpoint_resolver(Some(SharedEndpointResolver::new(Resolver::new(
        &service.rules,
    ))));
    c.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
        StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID]),
    )));
    c.push_auth_scheme(SharedAuthScheme::new(sigv4::SigV4AuthScheme::new()));
    if let Some(credentials) = sdk.credentials_provider() {
        c.set_identity_resolver(sigv4::SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    c
}

fn endpoint_params(
    shared: &Shared,
    service: &Loaded,
    region: &str,
    endpoint: Option<&str>,
) -> Map<String, Value> {
    let mut params = Map::new();
    params.insert("Region".to_owned(), region.into());
    let fips = shared.sdk.use_fips().unwrap_or(false);
    let dual = shared.sdk.use_dual_stack().unwrap_or(false);
    // An overridden endpoint is taken as it is.
    params.insert("UseFIPS".to_owned(), (fips && endpoint.is_none()).into());
    params.insert(
        "UseDualStack".to_owned(),
        (dual && endpoint.is_none()).into(),
    );
    if let Some(url) = endpoint {
        params.insert("Endpoint".to_owned(), url.into());
        if service.rules.takes("ForcePathStyle") {
            params.insert("ForcePathStyle".to_owned(), true.into());
        }
    }
    params
}
