export const factDdl = `(code LowCardinality(String), customer_id UInt32, number Nullable(Float64), text Nullable(String), items Array(String), version UInt64)
  ENGINE = ReplacingMergeTree(version) ORDER BY (code, customer_id)`;
