//! Services that are in use: model, request schemas, endpoint rules; each is
//! loaded when first asked for.

use crate::endpoint::Rules;
use crate::guard::{by_name, nearest};
use crate::model::{self, Operation, Service};
use crate::schema::{InputSchema, Inputs};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A service in use.
pub(crate) struct Loaded {
    /// Name as collectors write it.
    pub(crate) key: String,
    pub(crate) model: &'static Service,
    pub(crate) inputs: Inputs,
    pub(crate) rules: Rules,
    operations: Mutex<HashMap<&'static str, &'static InputSchema>>,
}

impl Loaded {
    pub(crate) fn new(key: &str, model: &'static Service, inputs: Inputs, rules: Rules) -> Self {
        Self {
            key: key.to_owned(),
            model,
            inputs,
            rules,
            operations: Mutex::default(),
        }
    }

    /// Schemas of the request of an operation, made when first asked for.
    pub(crate) fn input_schema(
        &self,
        name: &'static str,
        operation: &Operation,
    ) -> &'static InputSchema {
        let mut made = self
            .operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        made.entry(name)
            .or_insert_with(|| Box::leak(Box::new(self.inputs.operation(name, operation))))
    }
}

/// The service called `key`; `Err` names the nearest ones.
pub(crate) fn service(key: &str) -> Result<&'static Loaded, String> {
    static LOADED: OnceLock<Mutex<HashMap<String, &'static Loaded>>> = OnceLock::new();
    let mut loaded = LOADED
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = loaded.get(key) {
        return Ok(known);
    }
    let (Some(model), Some(rules)) = (model::service(key), Rules::load(key)) else {
        let near = nearest(key, model::services().iter().map(String::as_str))
            .map(|n| format!("; did you mean {n}?"))
            .unwrap_or_default();
        return Err(format!("there is no model of the AWS service {key}{near}"));
    };
    let made: &'static Loaded =
        Box::leak(Box::new(Loaded::new(key, model, Inputs::new(model), rules)));
    loaded.insert(key.to_owned(), made);
    Ok(made)
}

/// The operation `service:name` with the service; `Err` says what to do.
pub(crate) fn operation(
    service_key: &str,
    name: &str,
) -> Result<(&'static Loaded, &'static str, &'static Operation), String> {
    // A name on the list without a model is no typing error.
    let unmodelled = || {
        by_name(service_key, name).ok().map(|()| {
            format!(
                "{service_key}:{name} reads, but its model is not built in: name it as a call \
                 in a collector and run `cargo xtask gen`"
            )
        })
    };
    let service = service(service_key).map_err(|e| unmodelled().unwrap_or(e))?;
    let found = service.model.operations.get_key_value(name);
    if let Some((name, operation)) = found {
        return Ok((service, name, operation));
    }
    Err(
        unmodelled().unwrap_or_else(|| match by_name(service_key, name) {
            Err(why) => why,
            Ok(()) => format!("{service_key}:{name} has no model"),
        }),
    )
}
