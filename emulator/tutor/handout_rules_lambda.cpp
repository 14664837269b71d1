// The functions of the handout, parts 2.2 to 2.4 and 4.2, 4.3: code, settings, environment.
#include "emulator/tutor/handout_rules.hpp"
#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/missing_permission.hpp"

#include <algorithm>
#include <charconv>

namespace benchtop::tutor {
namespace {

constexpr int kTimeoutEnough = 3; // seconds; what Lambda gives by default
constexpr int kExpiresMax = 604800;

// The zip of one of the two handlers, as `benchtop handout` makes it.
std::string_view zip_of(const LabFacts& facts, const FunctionFacts& function) {
    return &function == &facts.web ? "web_presign.zip" : "worker_move.zip";
}

std::string configure(const FunctionFacts& function, const std::string& option) {
    return "aws lambda update-function-configuration --function-name " + function.name + " " +
           option;
}

std::string upload_code(const LabFacts& facts, const FunctionFacts& function) {
    return "aws lambda update-function-code --function-name " + function.name +
           " --zip-file fileb://" + std::string(zip_of(facts, function));
}

std::string wanted_environment(const LabFacts& facts, const FunctionFacts& function) {
    return &function == &facts.web
               ? "BUCKET_NAME=" + facts.bucket.name + ",UPLOAD_PREFIX=uploads/,EXPIRES_IN=300"
               : std::string("PROCESSED_PREFIX=processed/");
}

// Environment replaces all variables at once, so the student's others are named too.
std::string set_environment(const LabFacts& facts, const FunctionFacts& function) {
    std::string variables = wanted_environment(facts, function);
    for (const auto& [name, value] : function.environment) {
        const bool own = variables.starts_with(name + "=") || contains(variables, "," + name + "=");
        const bool plain = value.find_first_of(",{}= '\"") == std::string::npos;
        if (!own && plain) {
            variables += "," + name + "=" + value;
        }
    }
    return configure(function, "--environment " + shell_quoted("Variables={" + variables + "}"));
}

std::optional<Verdict> exists(const LabFacts& facts, const FunctionFacts& function) {
    if (function.exists) {
        return std::nullopt;
    }
    return missing(
        "function-missing",
        "There is no function " + function.name + ".",
        "aws lambda create-function --function-name " + function.name +
            " --runtime python3.11 --handler lambda_function.lambda_handler --role arn:aws:iam::" +
            facts.account + ":role/" + function.role.name + " --zip-file fileb://" +
            std::string(zip_of(facts, function)) + " --environment " +
            shell_quoted("Variables={" + wanted_environment(facts, function) + "}")
    );
}

bool is_python(const FunctionFacts& function) {
    return function.runtime.starts_with("python");
}

bool has_file_ending(const FunctionFacts& function, std::string_view end) {
    return std::any_of(function.files.begin(), function.files.end(), [&](const std::string& file) {
        return file.ends_with(end);
    });
}

std::optional<Verdict> runtime_fits(const FunctionFacts& function) {
    if (!function.exists || function.plugin || is_python(function) ||
        !has_file_ending(function, ".py") || has_file_ending(function, ".js") ||
        has_file_ending(function, ".mjs") || has_file_ending(function, "bootstrap")) {
        return std::nullopt;
    }
    return wrong(
        "runtime",
        "The archive of " + function.name + " holds Python, but its runtime is " +
            function.runtime + ".",
        configure(function, "--runtime python3.11 --handler lambda_function.lambda_handler")
    );
}

// "lambda_function" and "lambda_handler" of the Handler setting.
std::pair<std::string, std::string> handler_parts(const FunctionFacts& function) {
    const auto dot = function.handler.rfind('.');
    return dot == std::string::npos
               ? std::pair(function.handler, std::string())
               : std::pair(function.handler.substr(0, dot), function.handler.substr(dot + 1));
}

std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t listed_max = 5;
    std::string out;
    for (std::size_t n = 0; n < std::min(names.size(), listed_max); ++n) {
        out += (n == 0 ? "" : ", ") + names[n];
    }
    return names.size() > listed_max ? out + ", ..." : out.empty() ? "nothing" : out;
}

std::optional<Verdict> module_there(const LabFacts& facts, const FunctionFacts& function) {
    if (!function.exists || function.plugin || !is_python(function) || function.module) {
        return std::nullopt;
    }
    const std::string module = handler_parts(function).first;
    const bool at_root =
        std::find(function.files.begin(), function.files.end(), "lambda_function.py") !=
        function.files.end();
    return wrong(
        "module-missing",
        "The handler " + function.handler + " needs a file " + module +
            ".py at the top of the archive, which holds " + list(function.files) + ".",
        at_root ? configure(function, "--handler lambda_function.lambda_handler")
                : upload_code(facts, function)
    );
}

std::optional<Verdict> handler_there(const FunctionFacts& function) {
    if (!function.exists || !function.module) {
        return std::nullopt;
    }
    const std::string name = handler_parts(function).second;
    const std::string& text = *function.module;
    if (!name.empty() && (contains(text, "def " + name + "(") || contains(text, name + " =") ||
                          contains(text, "import " + name))) {
        return std::nullopt;
    }
    return wrong(
        "handler-name",
        "The module of " + function.name + " defines no " +
            (name.empty() ? std::string("function named by the handler") : name) +
            "; its handler is set to " + function.handler + ".",
        configure(function, "--handler lambda_function.lambda_handler")
    );
}

// What the code ran into outside itself is told by the steps about roles and buckets.
bool is_somebody_elses(std::string_view error) {
    return contains(error, "AccessDenied") || contains(error, "NoSuchKey") ||
           contains(error, "(404)") || contains(error, "(403)") || contains(error, "NoSuchBucket");
}

std::optional<Verdict> last_run_went_well(const LabFacts& facts, const FunctionFacts& function) {
    const std::string& error = function.last_error;
    if (!function.exists || error.empty() || is_somebody_elses(error)) {
        return std::nullopt;
    }
    if (contains(error, "UserCodeSyntaxError")) {
        return wrong("syntax-error", function.name + ": " + error, upload_code(facts, function));
    }
    if (contains(error, "ImportModuleError")) {
        return wrong("import-error", function.name + ": " + error, upload_code(facts, function));
    }
    if (contains(error, "HandlerNotFound")) {
        return wrong(
            "handler-name",
            function.name + ": " + error,
            configure(function, "--handler lambda_function.lambda_handler")
        );
    }
    if (contains(error, "Task timed out")) {
        return wrong(
            "timed-out", function.name + ": " + error, configure(function, "--timeout 10")
        );
    }
    return wrong(
        "last-run-failed",
        "The last run of " + function.name + " failed: " + error,
        "benchtop logs " + function.name
    );
}

std::optional<Verdict> timeout_enough(const FunctionFacts& function) {
    if (!function.exists || function.plugin || function.timeout_s >= kTimeoutEnough) {
        return std::nullopt;
    }
    return wrong(
        "timeout-short",
        function.name + " is stopped after " + std::to_string(function.timeout_s) +
            " s; its first run on AWS, which loads boto3, may take longer.",
        configure(function, "--timeout 10")
    );
}

std::optional<Verdict> content_type_not_signed(const LabFacts& facts) {
    if (!facts.web.exists || !facts.web.module ||
        !contains(*facts.web.module, "generate_presigned_url") ||
        !(contains(*facts.web.module, "\"ContentType\"") ||
          contains(*facts.web.module, "'ContentType'"))) {
        return std::nullopt;
    }
    return wrong(
        "content-type-signed",
        "The URL is signed with ContentType: whoever uploads must send exactly that Content-Type, "
        "and curl --data-binary sends another.",
        upload_code(facts, facts.web)
    );
}

std::optional<Verdict> key_decoded(const LabFacts& facts) {
    if (!facts.worker.exists || !facts.worker.module || contains(*facts.worker.module, "unquote")) {
        return std::nullopt;
    }
    return wrong(
        "key-not-decoded",
        "The worker takes the key as the event has it, URL-encoded: a file with a space in its "
        "name is not found. unquote_plus decodes it.",
        upload_code(facts, facts.worker)
    );
}

// --- environment variables

std::optional<Verdict>
variable_set(const LabFacts& facts, const FunctionFacts& function, std::string_view name) {
    if (function.variable(name)) {
        return std::nullopt;
    }
    return missing(
        "variable-missing",
        "The environment variable " + std::string(name) + " of " + function.name + " is not set.",
        set_environment(facts, function)
    );
}

std::optional<Verdict> bucket_name(const LabFacts& facts) {
    if (auto unset = variable_set(facts, facts.web, "BUCKET_NAME")) {
        return unset;
    }
    const std::string value(*facts.web.variable("BUCKET_NAME"));
    if (value == facts.bucket.name && facts.bucket.exists) {
        return std::nullopt;
    }
    const auto& others = facts.bucket.others;
    const bool other = std::find(others.begin(), others.end(), value) != others.end();
    return wrong(
        "bucket-name",
        "BUCKET_NAME is " + (value.empty() ? std::string("empty") : value) +
            (other ? ", but the lab's bucket is " + facts.bucket.name + "."
                   : ": there is no such bucket."),
        set_environment(facts, facts.web)
    );
}

std::optional<Verdict> upload_prefix_good(const LabFacts& facts) {
    if (auto unset = variable_set(facts, facts.web, "UPLOAD_PREFIX")) {
        return unset;
    }
    const std::string value(*facts.web.variable("UPLOAD_PREFIX"));
    if (value == "uploads/") {
        return std::nullopt;
    }
    return wrong(
        value == "uploads" ? "upload-prefix-slash" : "upload-prefix",
        "UPLOAD_PREFIX is \"" + value + "\": keys become " + value +
            "upload-..., outside the folder uploads/ that the roles and the trigger are about.",
        set_environment(facts, facts.web)
    );
}

std::optional<Verdict> expires_in(const LabFacts& facts) {
    if (auto unset = variable_set(facts, facts.web, "EXPIRES_IN")) {
        return unset;
    }
    const std::string_view text = *facts.web.variable("EXPIRES_IN");
    int value = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc() && parsed.ptr == end && value > 0 && value <= kExpiresMax) {
        return std::nullopt;
    }
    return wrong(
        "expires-in",
        "EXPIRES_IN is \"" + std::string(text) +
            "\": a number of seconds from 1 to 604800 is "
            "needed.",
        set_environment(facts, facts.web)
    );
}

std::optional<Verdict> processed_prefix_good(const LabFacts& facts) {
    if (auto unset = variable_set(facts, facts.worker, "PROCESSED_PREFIX")) {
        return unset;
    }
    const std::string value(*facts.worker.variable("PROCESSED_PREFIX"));
    const std::string fix = set_environment(facts, facts.worker);
    if (value.starts_with("uploads/") || value.empty()) {
        return wrong(
            "processed-loop",
            "PROCESSED_PREFIX is \"" + value +
                "\": what the worker writes there fires its own trigger, again and again.",
            fix
        );
    }
    if (!value.ends_with('/')) {
        return wrong(
            "processed-prefix-slash",
            "PROCESSED_PREFIX is \"" + value + "\", without the slash at its end: keys become " +
                value + "upload-..., in no folder.",
            fix
        );
    }
    return std::nullopt;
}

constexpr Rule kWebRules[] = {
    [](const LabFacts& f) { return exists(f, f.web); },
    [](const LabFacts& f) { return runtime_fits(f.web); },
    [](const LabFacts& f) { return module_there(f, f.web); },
    [](const LabFacts& f) { return handler_there(f.web); },
    [](const LabFacts& f) { return timeout_enough(f.web); },
    [](const LabFacts& f) { return last_run_went_well(f, f.web); },
    content_type_not_signed,
};

constexpr Rule kWorkerRules[] = {
    [](const LabFacts& f) { return exists(f, f.worker); },
    [](const LabFacts& f) { return runtime_fits(f.worker); },
    [](const LabFacts& f) { return module_there(f, f.worker); },
    [](const LabFacts& f) { return handler_there(f.worker); },
    [](const LabFacts& f) { return timeout_enough(f.worker); },
    [](const LabFacts& f) { return last_run_went_well(f, f.worker); },
    key_decoded,
};

std::optional<Verdict> has_function(const FunctionFacts& function) {
    return function.exists ? std::nullopt
                           : std::optional(waits_for("the function " + function.name));
}

constexpr Rule kWebEnvironment[] = {
    [](const LabFacts& f) { return has_function(f.web); },
    bucket_name,
    upload_prefix_good,
    expires_in,
};

constexpr Rule kWorkerEnvironment[] = {
    [](const LabFacts& f) { return has_function(f.worker); },
    processed_prefix_good,
};

} // namespace

std::span<const Rule> web_function_rules() {
    return kWebRules;
}

std::span<const Rule> worker_function_rules() {
    return kWorkerRules;
}

std::span<const Rule> web_environment_rules() {
    return kWebEnvironment;
}

std::span<const Rule> worker_environment_rules() {
    return kWorkerEnvironment;
}

} // namespace benchtop::tutor
