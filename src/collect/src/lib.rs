//! The collector language: load, check, plan, and run against a cloud.

mod cloud;
mod doc;
mod path;
mod template;

pub use cloud::{Api, Cloud, Failure, OperationInfo, Page, PageNames, Recorder, Request};
