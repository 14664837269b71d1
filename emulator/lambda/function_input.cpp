#include "emulator/lambda/function_input.hpp"

#include "emulator/archive/zip.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/policy/trust.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/service/pass_role.hpp"

#include <algorithm>
#include <array>

namespace benchtop::lambda {
namespace {

using protocol::JsonInput;

constexpr std::size_t kZippedBytesMax = 52428800;
constexpr std::size_t kEnvironmentBytesMax = 4096;

// In the order of AWS's message.
constexpr std::array<std::string_view, 25> kRuntimes{
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12",   "python3.13",
    "nodejs24.x", "nodejs22.x", "java25",          "python3.10",   "python3.11",
    "java21",     "ruby3.3",    "ruby3.4",         "ruby3.2",      "python3.8",
    "python3.9",  "java17",     "nodejs16.x",      "dotnet10",     "dotnet8",
    "java11",     "dotnet6",    "nodejs18.x",      "provided.al2", "java8.al2"};

// Lambda Developer Guide, "Lambda runtimes", deprecated ones that tutorials still name.
constexpr std::array<std::string_view, 17> kDeprecated{
    "python2.7",
    "python3.6",
    "python3.7",
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "go1.x",
    "provided",
    "java8",
    "ruby2.5",
    "ruby2.7",
    "dotnetcore2.1",
    "dotnetcore3.1"};

// Lambda Developer Guide, "Using Lambda environment variables": reserved.
constexpr std::array<std::string_view, 18> kReservedKeys{
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return name.size() >= 2 && letter(name.front()) &&
           std::all_of(name.begin() + 1, name.end(), [&](char c) {
               return letter(c) || (c >= '0' && c <= '9') || c == '_';
           });
}

Result<void> check_runtime(std::string_view runtime) {
    if (contains(kDeprecated, runtime)) {
        return invalid_parameter(
            "The runtime parameter of " + std::string(runtime) +
            " is no longer supported for creating or updating AWS Lambda functions. We recommend "
            "you use a supported runtime while creating or updating functions."
        );
    }
    if (!contains(kRuntimes, runtime)) {
        std::string list;
        for (const std::string_view known : kRuntimes) {
            list += (list.empty() ? "" : ", ") + std::string(known);
        }
        return invalid_parameter(
            "Value " + std::string(runtime) +
            " at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [" +
            list + "] or be a valid ARN"
        );
    }
    return {};
}

Result<void> check_environment(const std::vector<std::pair<std::string, std::string>>& variables) {
    constexpr std::string_view unable = "Lambda was unable to configure your environment variables "
                                        "because the environment variables you have provided ";
    std::string reserved;
    protocol::JsonWriter json;
    json.begin_object();
    for (const auto& [name, value] : variables) {
        json.member(name, value);
        if (contains(kReservedKeys, name)) {
            reserved += (reserved.empty() ? "" : ", ") + name;
        }
    }
    json.end_object();
    if (!reserved.empty()) {
        return invalid_parameter(
            std::string(unable) +
            "contains reserved keys that are currently not supported for modification. Reserved "
            "keys used in this request: " +
            reserved
        );
    }
    if (const std::string measured = std::move(json).take();
        measured.size() > kEnvironmentBytesMax) {
        return invalid_parameter(
            std::string(unable) + "exceeded the 4KB limit. String measured: " + measured
        );
    }
    return {};
}

bool is_log_group(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-_/#").find(c) != std::string_view::npos;
    });
}

void check_members(const ConfigurationInput& input, Constraints& constraints) {
    if (input.role) {
        constraints.pattern("role", *input.role, is_role_arn(*input.role), kRolePattern);
    }
    if (input.handler) {
        constraints.length("handler", *input.handler, 128);
        constraints.pattern(
            "handler",
            *input.handler,
            input.handler->find_first_of(" \t\r\n") == std::string::npos,
            R"([^\s]+)"
        );
    }
    if (input.description) {
        constraints.length("description", *input.description, 256);
    }
    if (input.timeout_s) {
        constraints.range("timeout", *input.timeout_s, 1, 900);
    }
    if (input.memory_mb) {
        constraints.range("memorySize", *input.memory_mb, 128, 10240);
    }
    if (input.ephemeral_mb) {
        constraints.range("ephemeralStorage.size", *input.ephemeral_mb, 512, 10240);
    }
    if (input.architectures) {
        check_architectures(*input.architectures, constraints);
    }
    if (input.tracing_mode) {
        constraints.one_of("tracingConfig.mode", *input.tracing_mode, "Active, PassThrough");
    }
    if (input.snap_start) {
        constraints.one_of("snapStart.applyOn", *input.snap_start, "PublishedVersions, None");
    }
    if (input.log_format) {
        constraints.one_of("loggingConfig.logFormat", *input.log_format, "JSON, Text");
    }
    if (input.log_group) {
        constraints.length("loggingConfig.logGroup", *input.log_group, 512);
        constraints.pattern(
            "loggingConfig.logGroup",
            *input.log_group,
            is_log_group(*input.log_group),
            R"([\.\-_/#A-Za-z0-9]+)"
        );
    }
    if (input.environment) {
        for (const auto& [name, value] : *input.environment) {
            if (!is_variable_name(name) && !contains(kReservedKeys, name)) {
                constraints.broken(
                    "environment.variables",
                    "'{" + name + "=" + value + "}'",
                    "Map keys must satisfy constraint: [Member must satisfy regular expression "
                    "pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
                );
                break;
            }
        }
    }
}

// {"TargetArn": ""} and {"SubnetIds": [], "SecurityGroupIds": []} ask for nothing.
bool says_nothing(const boost::json::object& object) {
    return std::all_of(object.begin(), object.end(), [](const auto& member) {
        const boost::json::value& value = member.value();
        return value.is_null() || (value.is_string() && value.get_string().empty()) ||
               (value.is_array() && value.get_array().empty()) ||
               (value.is_bool() && !value.get_bool());
    });
}

// What AWS has and Benchtop does not act upon is refused rather than forgotten.
Result<void> check_unsupported(const JsonInput& json) {
    constexpr std::array<std::string_view, 7> members{
        "VpcConfig",
        "DeadLetterConfig",
        "FileSystemConfigs",
        "ImageConfig",
        "KMSKeyArn",
        "Layers",
        "CodeSigningConfigArn"};
    for (const std::string_view member : members) {
        const auto object = json.object(member);
        const auto array = json.array(member);
        const auto text = json.string(member);
        const bool empty = (object && (*object == nullptr || says_nothing(**object))) ||
                           (array && (*array == nullptr || (*array)->empty())) ||
                           (text && text->value_or("").empty());
        if (!empty) {
            return invalid_parameter(
                "Benchtop does not have " + std::string(member) +
                " of functions: leave it out here."
            );
        }
    }
    return {};
}

AwsError code_error(std::string_view code, std::string_view message) {
    return invalid_parameter(
        "Error occurred while GetObject. S3 Error Code: " + std::string(code) +
        ". S3 Error Message: " + std::string(message)
    );
}

Result<std::string> read_object(
    const store::ReadTx& tx,
    const service::Call& call,
    const std::string& bucket_name,
    const std::string& key,
    const std::optional<std::string>& version
) {
    const auto bucket = tx.find_bucket(bucket_name);
    if (!bucket) {
        return code_error("NoSuchBucket", "The specified bucket does not exist");
    }
    if (bucket->region != call.context.region) {
        return code_error(
            "PermanentRedirect",
            "The bucket is in this region: " + bucket->region +
                ". Please use this region to retry the request"
        );
    }
    service::AccessRequest request;
    request.action = version ? "s3:GetObjectVersion" : "s3:GetObject";
    request.resource = "arn:aws:s3:::" + bucket_name + "/" + key;
    request.resource_account = bucket->account;
    request.resource_policy = bucket->policy;
    if (auto allowed = call.context.authorizer.check(request); !allowed) {
        return AwsError(
            403,
            "AccessDeniedException",
            "Your access has been denied by S3, please make sure your request credentials have "
            "permission to GetObject for " +
                bucket_name + "/" + key +
                ". S3 Error Code: AccessDenied. S3 Error Message: " + allowed.error().message()
        );
    }
    const auto object = version
                            ? tx.find_version(bucket->id, key, *version == "null" ? "" : *version)
                            : tx.find_object(bucket->id, key);
    if (!object || object->delete_marker) {
        return code_error("NoSuchKey", "The specified key does not exist.");
    }
    if (object->size > kZippedBytesMax) {
        return zipped_too_large();
    }
    if (object->body == 0) {
        return std::string();
    }
    auto content = tx.open_body(object->body);
    auto bytes = content ? whole_content(*content) : std::nullopt;
    if (!bytes) {
        return AwsError(500, "ServiceException", "The object could not be read.");
    }
    return *std::move(bytes);
}

} // namespace

void check_architectures(const std::vector<std::string>& given, Constraints& constraints) {
    std::string shown;
    bool known = true;
    for (const auto& item : given) {
        shown += (shown.empty() ? "" : ", ") + item;
        known = known && (item == "x86_64" || item == "arm64");
    }
    shown = "'[" + shown + "]'";
    if (given.empty()) {
        constraints.broken(
            "architectures", shown, "Member must have length greater than or equal to 1"
        );
    } else if (given.size() > 1) {
        constraints.broken(
            "architectures", shown, "Member must have length less than or equal to 1"
        );
    }
    if (!known) {
        constraints.broken(
            "architectures",
            shown,
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
            "Member must not be null]"
        );
    }
}

Result<ConfigurationInput> read_configuration(const service::Call& call, InputUse use) {
    const JsonInput json(call.json);
    ConfigurationInput input;
    const auto take = [](auto result, auto& target) -> Result<void> {
        if (!result) {
            return result.error();
        }
        target = *std::move(result);
        return {};
    };
    const auto nested = [&](std::string_view name) { return json.object(name); };
    for (auto step : {
             take(json.string("Role"), input.role),
             take(json.string("Runtime"), input.runtime),
             take(json.string("Handler"), input.handler),
             take(json.string("Description"), input.description),
             take(json.integer("Timeout"), input.timeout_s),
             take(json.integer("MemorySize"), input.memory_mb),
             take(json.strings("Architectures"), input.architectures),
         }) {
        if (!step) {
            return step.error();
        }
    }
    const auto environment = nested("Environment");
    const auto storage = nested("EphemeralStorage");
    const auto tracing = nested("TracingConfig");
    const auto logging = nested("LoggingConfig");
    const auto snap_start = nested("SnapStart");
    for (const auto* member : {&environment, &storage, &tracing, &logging, &snap_start}) {
        if (!*member) {
            return member->error();
        }
    }
    if (*environment != nullptr) {
        auto variables = JsonInput(**environment).string_map("Variables");
        if (!variables) {
            return variables.error();
        }
        input.environment.emplace();
        if (*variables) {
            input.environment = **std::move(variables);
        }
    }
    if (*storage != nullptr) {
        if (auto taken = take(JsonInput(**storage).integer("Size"), input.ephemeral_mb); !taken) {
            return taken.error();
        }
    }
    if (*tracing != nullptr) {
        if (auto taken = take(JsonInput(**tracing).string("Mode"), input.tracing_mode); !taken) {
            return taken.error();
        }
    }
    if (*logging != nullptr) {
        if (auto taken = take(JsonInput(**logging).string("LogFormat"), input.log_format); !taken) {
            return taken.error();
        }
        if (auto taken = take(JsonInput(**logging).string("LogGroup"), input.log_group); !taken) {
            return taken.error();
        }
    }
    if (*snap_start != nullptr) {
        if (auto taken = take(JsonInput(**snap_start).string("ApplyOn"), input.snap_start);
            !taken) {
            return taken.error();
        }
    }

    Constraints constraints;
    if (use == InputUse::Create) {
        constraints.required("role", input.role.has_value());
    }
    check_members(input, constraints);
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (use == InputUse::Create) {
        const auto package = json.string("PackageType");
        if (!package) {
            return package.error();
        }
        if (package->value_or("Zip") != "Zip") {
            return invalid_parameter("Benchtop runs no container images: PackageType must be Zip.");
        }
        if (!input.runtime || !input.handler) {
            return invalid_parameter("Runtime and Handler are mandatory parameters for functions "
                                     "created with deployment packages.");
        }
    }
    if (input.runtime) {
        if (auto known = check_runtime(*input.runtime); !known) {
            return known.error();
        }
    }
    if (input.log_format && *input.log_format != "Text") {
        return invalid_parameter("Benchtop writes logs as Text only: LogFormat must be Text.");
    }
    if (input.snap_start && *input.snap_start != "None") {
        return invalid_parameter("Benchtop takes no snapshots: SnapStart must be None.");
    }
    if (auto supported = check_unsupported(json); !supported) {
        return supported.error();
    }
    if (input.environment) {
        if (auto fits = check_environment(*input.environment); !fits) {
            return fits.error();
        }
    }
    return input;
}

Result<void>
check_role(const store::ReadTx& tx, const service::Call& call, std::string_view role_arn) {
    const std::string account(role_arn.substr(role_arn.find("::") + 2, 12));
    if (account != call.account()) {
        return AwsError(403, "AccessDeniedException", "Cross-account pass role is not allowed.");
    }
    if (auto allowed = call.context.authorizer.check(
            service::pass_role(role_arn, account, "lambda.amazonaws.com")
        );
        !allowed) {
        return allowed.error();
    }
    const auto role = tx.find_role(account, role_arn.substr(role_arn.rfind('/') + 1));
    if (!role || role_arn != "arn:aws:iam::" + account + ":role" + role->path + role->name ||
        !policy::service_may_assume(
            role->trust_policy, role_arn, role->account, "lambda.amazonaws.com"
        )) {
        return invalid_parameter("The role defined for the function cannot be assumed by Lambda.");
    }
    return {};
}

void apply(const ConfigurationInput& input, store::Function& function, Details& details) {
    if (input.role) {
        function.role_arn = *input.role;
    }
    if (input.runtime) {
        function.runtime = *input.runtime;
    }
    if (input.handler) {
        function.handler = *input.handler;
    }
    if (input.timeout_s) {
        function.timeout_s = static_cast<int>(*input.timeout_s);
    }
    if (input.memory_mb) {
        function.memory_mb = static_cast<int>(*input.memory_mb);
    }
    if (input.environment) {
        function.environment = *input.environment;
        details.has_environment = true;
    }
    if (input.description) {
        details.description = *input.description;
    }
    if (input.ephemeral_mb) {
        details.ephemeral_mb = static_cast<int>(*input.ephemeral_mb);
    }
    if (input.architectures) {
        details.architecture = input.architectures->front();
    }
    if (input.tracing_mode) {
        details.tracing_mode = *input.tracing_mode;
    }
    if (input.log_group) {
        details.log_group = *input.log_group;
    }
}

Result<CodeInput>
read_code(const store::ReadTx& tx, const service::Call& call, const boost::json::object& members) {
    const JsonInput json(members);
    const auto zip = json.string("ZipFile");
    const auto bucket = json.string("S3Bucket");
    const auto key = json.string("S3Key");
    const auto version = json.string("S3ObjectVersion");
    const auto image = json.string("ImageUri");
    for (const auto* member : {&zip, &bucket, &key, &version, &image}) {
        if (!*member) {
            return member->error();
        }
    }
    if (*image) {
        return invalid_parameter("Benchtop runs no container images: give ZipFile or S3Bucket.");
    }
    const bool from_s3 = bucket->has_value() && key->has_value();
    if (zip->has_value() == from_s3) {
        // From memory.
        return invalid_parameter("Please provide a source for function code.");
    }
    CodeInput input;
    if (zip->has_value()) {
        auto bytes = from_base64(**zip);
        if (!bytes) {
            return AwsError(400, "SerializationException", "The value of ZipFile is not base64.");
        }
        input.zip = *std::move(bytes);
    } else {
        auto bytes = read_object(tx, call, **bucket, **key, *version);
        if (!bytes) {
            return bytes.error();
        }
        input.zip = *std::move(bytes);
    }
    if (input.zip.size() > kZippedBytesMax) {
        return zipped_too_large();
    }
    switch (archive::inspect_zip(input.zip).fault) {
    case archive::ZipFault::None:
        break;
    case archive::ZipFault::Empty:
        return invalid_parameter("Uploaded file must be a non-empty zip");
    case archive::ZipFault::TooLarge:
        return invalid_parameter("Unzipped size must be smaller than 262144000 bytes");
    case archive::ZipFault::NotZip:
    case archive::ZipFault::BadName:
        return invalid_parameter(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        );
    }
    return input;
}

void keep_code(
    store::WriteTx& tx,
    const CodeInput& input,
    store::Function& function,
    Details& details,
    Random& random
) {
    if (details.code_secret.empty()) {
        details.code_secret = make_secret_key(random);
    }
    function.code_kind = "zip";
    function.code = sha256_hex(input.zip);
    const Sha256Digest digest = sha256(input.zip);
    details.code_sha256 = to_base64(
        as_bytes(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()))
    );
    details.code_size = input.zip.size();
    if (!tx.is_function_code(function.code)) {
        tx.put_document(store::kFunctionCodeSpace, function.code, input.zip);
    }
}

void drop_unused_code(store::WriteTx& tx, std::string_view code_kind, std::string_view code) {
    if (code_kind == "zip" && !tx.is_function_code(code)) {
        tx.delete_document(store::kFunctionCodeSpace, code);
    }
}

} // namespace benchtop::lambda
