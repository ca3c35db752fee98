//! Commands about the data files: `plan`, `permissions`, `lint`, `rules`, `controls`,
//! `catalogue`.

use super::{CloudArg, Format, Selection};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The clouds [default: all]
    #[arg(value_enum)]
    pub clouds: Vec<CloudArg>,
    /// Which rules.
    #[command(flatten)]
    pub selection: Selection,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `permissions`.
#[derive(Debug, Args)]
pub struct PermissionArgs {
    /// The cloud
    #[arg(value_enum)]
    pub cloud: CloudArg,
    /// Which rules.
    #[command(flatten)]
    pub selection: Selection,
    /// json: a policy document; text: one action a line
    #[arg(long, value_enum, default_value = "json")]
    pub format: Format,
    /// A list of documents, each small enough for a managed policy
    #[arg(long)]
    pub split: bool,
    /// The role as a tool creates it
    #[arg(long = "as", value_name = "TOOL", value_enum, conflicts_with_all = ["format", "split"])]
    pub form: Option<RoleForm>,
    /// Where the role is made [default: organization, management-group]
    #[arg(long, value_enum, requires = "form")]
    pub scope: Option<RoleScope>,
    /// Also what `shoseki backfill` reads
    #[arg(long)]
    pub backfill: bool,
}

/// Tools that create roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleForm {
    /// Terraform configuration (aws, azure, gcp)
    Terraform,
    /// CloudFormation template (aws)
    Cloudformation,
    /// Bicep file (azure)
    Bicep,
    /// Commands of gcloud (gcp)
    Gcloud,
}

impl RoleForm {
    /// As the command line names it.
    pub fn name(self) -> &'static str {
        match self {
            RoleForm::Terraform => "terraform",
            RoleForm::Cloudformation => "cloudformation",
            RoleForm::Bicep => "bicep",
            RoleForm::Gcloud => "gcloud",
        }
    }
}

/// Where a role is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleScope {
    /// An organization of Google Cloud
    Organization,
    /// A project of Google Cloud
    Project,
    /// A management group of Azure
    ManagementGroup,
    /// A subscription of Azure
    Subscription,
}

impl RoleScope {
    /// As the command line names it.
    pub fn name(self) -> &'static str {
        match self {
            RoleScope::Organization => "organization",
            RoleScope::Project => "project",
            RoleScope::ManagementGroup => "management-group",
            RoleScope::Subscription => "subscription",
        }
    }
}

/// `lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Also check these signed-off deviations against the rules and controls
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `rules …`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// One line a rule
    List {
        /// Which rules.
        #[command(flatten)]
        selection: Selection,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// All that a user sees of one rule
    Show {
        /// Rule id
        id: String,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// `controls …`.
#[derive(Debug, Subcommand)]
pub enum ControlsCommand {
    /// One line a control
    List {
        /// Controls by id; a chapter, section or objective takes all below it
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        controls: Vec<String>,
        /// Also controls that no mapping names
        #[arg(long)]
        all: bool,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// One control: its label, how far settings reach, its rules and what stays for people
    Show {
        /// Control id
        id: String,
        /// File of `catalogue import`: show the criteria's text too
        #[arg(long, value_name = "FILE")]
        texts: Option<PathBuf>,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// `catalogue …`.
#[derive(Debug, Subcommand)]
pub enum CatalogueCommand {
    /// Read ids and texts of the criteria from the official workbook (XLSX) into a local file
    Import(ImportArgs),
}

/// `catalogue import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Workbook with the criteria
    #[arg(value_name = "FILE.xlsx")]
    pub file: PathBuf,
    /// File to write [default: shoseki/texts-EDITION.json in the user's data folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Form of the summary
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}
