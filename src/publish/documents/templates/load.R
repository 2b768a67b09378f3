# The tables of this dataset as data frames with the right types.
#
#   source("load.R")
#   applications <- load_table("applications")
#   load_labels("applications.column")
#
# Parquet is read where package arrow or nanoparquet is installed, otherwise the CSV files with the types of the schema; cells,
# checks and links are Parquet only. Before counting, read CODEBOOK.md: blank is not zero, and a report with scope
# jurisdiction or system contains its agencies.

gongkai_folder <- local({
  frames <- Filter(function(frame) !is.null(frame$ofile), sys.frames())
  if (length(frames)) dirname(normalizePath(frames[[length(frames)]]$ofile)) else getwd()
})

gongkai_parquet <- c(
{{parquet}}
)

gongkai_csv <- c(
{{csv}}
)

# Counts are numeric: they may be larger than an integer of R.
gongkai_types <- list(
{{types}}
)

load_table <- function(name, folder = gongkai_folder) {
  if (!name %in% names(gongkai_parquet)) stop("no table ", name, ": one of ", paste(names(gongkai_parquet), collapse = ", "))
  parquet <- file.path(folder, gongkai_parquet[[name]])
  if (requireNamespace("arrow", quietly = TRUE)) return(as.data.frame(arrow::read_parquet(parquet)))
  if (requireNamespace("nanoparquet", quietly = TRUE)) return(as.data.frame(nanoparquet::read_parquet(parquet)))
  if (!name %in% names(gongkai_csv)) stop("table ", name, " is Parquet only: install package nanoparquet or arrow")
  types <- gongkai_types[[name]]
  frame <- read.csv(file.path(folder, gongkai_csv[[name]]), fileEncoding = "UTF-8-BOM", encoding = "UTF-8",
                    colClasses = ifelse(types == "logical", "character", types), na.strings = "", check.names = FALSE)
  for (column in names(types)[types == "logical"]) frame[[column]] <- frame[[column]] == "true"
  frame
}

load_labels <- function(list, folder = gongkai_folder) {
  codes <- read.csv(file.path(folder, "codes.csv"), fileEncoding = "UTF-8-BOM", encoding = "UTF-8",
                    colClasses = "character", check.names = FALSE)
  codes[codes$list == list, c("code", "label_zh", "label_en")]
}

if (sys.nframe() == 0L) {
  for (name in names(gongkai_csv)) cat(name, ": ", nrow(load_table(name)), " rows\n", sep = "")
}
