//! gongkai: corpus builder for the annual reports on government information disclosure
//! (政府信息公开工作年度报告) that every public body in China files.
//!
//! Data flows one way: [`ingest`] finds files, [`decode`] says what is on a page, [`extract`] what the
//! form says, [`reconcile`] whether it adds up, [`publish`] writes the tables, [`page`] the page that shows them. [`pipeline`] is their
//! order, [`worker`] the processes that read what may kill its reader, [`mod@verify`] an independent check of what was published, [`cli`] the words around it; [`model`], [`mod@form`], [`agency`], [`config`], [`archive`], [`state`], [`wording`] and `disk` are what they share.

pub mod agency;
pub mod archive;
pub mod cli;
pub mod config;
pub mod decode;
mod disk;
pub mod extract;
pub mod form;
pub mod ingest;
pub mod model;
pub mod page;
pub mod pipeline;
pub mod publish;
pub mod reconcile;
pub mod state;
pub mod verify;
pub mod wording;
pub mod worker;
