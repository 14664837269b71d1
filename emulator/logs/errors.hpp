// What CloudWatch Logs answers when it refuses: all are 400s. Texts as recorded against AWS
// (localstack snapshots test_logs_*, February 2026) unless a line says otherwise.
#pragma once

#include "emulator/core/error.hpp"

#include <string_view>

namespace benchtop::logs {

AwsError no_such_group();
AwsError no_such_stream();
AwsError no_such_resource();
AwsError group_exists();
AwsError stream_exists();
AwsError invalid_parameter(std::string_view message);
AwsError invalid_token();
AwsError name_and_identifier();
AwsError name_or_identifier_missing();
AwsError too_many_tags();

} // namespace benchtop::logs
