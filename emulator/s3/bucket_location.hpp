// LocationConstraint: a region's name, but for two of AWS's first regions also a word of its own
// ("GetBucketLocation", Amazon S3 API Reference).
#pragma once

#include "emulator/store/tx.hpp"

#include <string>
#include <string_view>

namespace benchtop::s3 {

// "EU" is eu-west-1; everything else names itself.
std::string region_of_constraint(std::string_view constraint);

// A bucket created with "EU" answers "EU" for ever.
void remember_constraint(
    store::WriteTx& tx, const store::Bucket& bucket, std::string_view constraint
);

// What GetBucketLocation shows: "" in us-east-1.
std::string location_of(const store::ReadTx& tx, const store::Bucket& bucket);

} // namespace benchtop::s3
