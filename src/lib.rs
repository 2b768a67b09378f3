//! gongkai: corpus builder for the annual reports on government information disclosure
//! (政府信息公开工作年度报告) that every public body in China files.

pub mod config;
pub mod decode;
pub mod extract;
pub mod form;
pub mod model;
pub mod reconcile;
