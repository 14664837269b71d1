// What CreateFunction and the two updates take: decoded, checked in AWS's order, and applied.
#pragma once

#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/details.hpp"
#include "emulator/lambda/names.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace benchtop::lambda {

// Members that were not given are nullopt, so that an update leaves them alone.
struct ConfigurationInput {
    std::optional<std::string> role;
    std::optional<std::string> runtime;
    std::optional<std::string> handler;
    std::optional<std::string> description;
    std::optional<std::int64_t> timeout_s;
    std::optional<std::int64_t> memory_mb;
    std::optional<std::int64_t> ephemeral_mb;
    std::optional<std::vector<std::pair<std::string, std::string>>> environment;
    std::optional<std::vector<std::string>> architectures;
    std::optional<std::string> tracing_mode;
    std::optional<std::string> log_format;
    std::optional<std::string> log_group;
    std::optional<std::string> snap_start; // ApplyOn
};

enum class InputUse { Create, Update };

void check_architectures(const std::vector<std::string>& given, Constraints& constraints);
// Types and the model's constraints; runtime, environment and unsupported members.
Result<ConfigurationInput> read_configuration(const service::Call& call, InputUse use);
// The caller may pass the role, and Lambda may assume it.
Result<void> check_role(const store::ReadTx& tx, const service::Call& call, std::string_view role);
void apply(const ConfigurationInput& input, store::Function& function, Details& details);

struct CodeInput {
    std::string zip; // the archive's bytes, looked at
};

// `members`: where ZipFile, S3Bucket... stand. An object of S3 is read with the caller's
// permissions.
Result<CodeInput>
read_code(const store::ReadTx& tx, const service::Call& call, const boost::json::object& members);
// Keeps the archive and makes it the function's code.
void keep_code(
    store::WriteTx& tx,
    const CodeInput& input,
    store::Function& function,
    Details& details,
    Random& random
);
// Forgets an archive that no function has any more.
void drop_unused_code(store::WriteTx& tx, std::string_view code_kind, std::string_view code);

} // namespace benchtop::lambda
