#include "emulator/core/encoding.hpp"
#include "emulator/stack/readers.hpp"
#include "emulator/stack/zip_writer.hpp"

namespace benchtop::stack {
namespace {

// What CloudFormation makes of ZipFile ("AWS::Lambda::Function Code"): 4 MB, one file named index.
constexpr std::size_t kInlineCodeMax = 4 * 1024 * 1024;

void read_zip_file(Properties& code, const FunctionSpec& function, CodeSpec& out) {
    const std::string source = code.required("ZipFile");
    const bool python = function.runtime.starts_with("python");
    if (!python && !function.runtime.starts_with("nodejs")) {
        code.fail("ZipFile", "only python and nodejs functions are written in the template.");
    }
    if (source.size() > kInlineCodeMax) {
        code.fail("ZipFile", "the code is longer than 4 MB.");
    }
    ZipWriter zip;
    zip.add(python ? "index.py" : "index.js", source);
    out.zip = zip.finish();
}

void read_local_code(Reading& reading, const Node& path, CodeSpec& out) {
    const ReadCode& read_code = reading.evaluator.input().read_code;
    if (!read_code) {
        reading.properties.fail(path.line, "Code", "there is no directory to read code from.");
    }
    auto zip = read_code(path.text);
    if (!zip) {
        reading.properties.fail(path.line, "Code", zip.error().message());
    }
    out.zip = *std::move(zip);
}

CodeSpec read_code(Reading& reading, const FunctionSpec& function) {
    CodeSpec out;
    out.plugin = reading.metadata("Plugin");
    const Node* const given = reading.properties.find("Code");
    if (!out.plugin.empty()) {
        return out; // the code is for AWS, and need not have been built
    }
    if (given == nullptr) {
        reading.properties.fail("Code", "this is missing (in SAM: CodeUri or InlineCode).");
    }
    if (given->is_scalar()) { // as `aws cloudformation package` and SAM take it
        read_local_code(reading, *given, out);
        return out;
    }
    Properties code = reading.properties.map("Code");
    if (code.has("ZipFile")) {
        read_zip_file(code, function, out);
    } else {
        out.s3_bucket = code.required("S3Bucket");
        out.s3_key = code.required("S3Key");
        out.s3_version = code.text("S3ObjectVersion").value_or("");
    }
    code.finish();
    return out;
}

} // namespace

void read_function(Reading& reading) {
    Properties& properties = reading.properties;
    FunctionSpec function;
    function.origin = reading.origin;
    properties.find("FunctionName");
    function.name = reading.evaluator.ref(reading.resource);
    function.role_arn = properties.required("Role");
    if (const auto package = properties.text("PackageType"); package && *package != "Zip") {
        properties.fail("PackageType", "Benchtop runs functions of zip archives only.");
    }
    function.runtime = properties.required("Runtime");
    function.handler = properties.required("Handler");
    function.code = read_code(reading, function);
    Properties environment = properties.map("Environment");
    function.environment = environment.text_map("Variables");
    environment.finish();
    function.description = properties.text("Description").value_or("");
    function.timeout_s = static_cast<int>(properties.integer("Timeout").value_or(3));
    function.memory_mb = static_cast<int>(properties.integer("MemorySize").value_or(128));
    function.architectures = properties.texts("Architectures");
    Properties storage = properties.map("EphemeralStorage");
    if (const auto size = storage.integer("Size")) {
        function.ephemeral_mb = static_cast<int>(*size);
    }
    storage.finish();
    if (const auto reserved = properties.integer("ReservedConcurrentExecutions")) {
        function.reserved_concurrency = static_cast<int>(*reserved);
    }
    function.tags = properties.tags("Tags");
    reading.stack.functions.push_back(std::move(function));
}

void read_permission(Reading& reading) {
    Properties& properties = reading.properties;
    PermissionSpec permission;
    permission.origin = reading.origin;
    permission.function = properties.required("FunctionName");
    permission.action = properties.required("Action");
    permission.principal = properties.required("Principal");
    permission.source_arn = properties.text("SourceArn").value_or("");
    permission.source_account = properties.text("SourceAccount").value_or("");
    permission.statement_id = reading.evaluator.ref(reading.resource);
    reading.stack.permissions.push_back(std::move(permission));
}

void read_event_invoke_config(Reading& reading) {
    Properties& properties = reading.properties;
    EventInvokeSpec config;
    config.origin = reading.origin;
    config.function = properties.required("FunctionName");
    config.qualifier = properties.required("Qualifier");
    for (const std::string_view name : {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"}) {
        if (const auto number = properties.integer(name)) {
            config.settings[name] = *number;
        }
    }
    Properties destinations = properties.map("DestinationConfig");
    boost::json::object wanted;
    for (const std::string_view name : {"OnFailure", "OnSuccess"}) {
        if (destinations.has(name)) {
            Properties one = destinations.map(name);
            wanted[name] = boost::json::object{{"Destination", one.required("Destination")}};
            one.finish();
        }
    }
    destinations.finish();
    if (!wanted.empty()) {
        config.settings["DestinationConfig"] = std::move(wanted);
    }
    reading.stack.event_invokes.push_back(std::move(config));
}

} // namespace benchtop::stack
