#include "emulator/lambda/errors.hpp"

#include <string>

namespace benchtop::lambda {
namespace {

AwsError user_error(int status, std::string_view code, std::string_view message) {
    return AwsError(status, code, message).with("Type", "User");
}

} // namespace

AwsError invalid_parameter(std::string_view message) {
    return user_error(400, "InvalidParameterValueException", message);
}

AwsError validation_failed(std::string_view message) {
    return AwsError(400, "ValidationException", message);
}

AwsError conflict(std::string_view message) {
    return user_error(409, "ResourceConflictException", message);
}

AwsError not_found(std::string_view message) {
    return user_error(404, "ResourceNotFoundException", message).with("Message", message);
}

AwsError alias_not_found(std::string_view arn) {
    return not_found("Cannot find alias arn: " + std::string(arn));
}

AwsError other_account() {
    return AwsError(403, "AccessDeniedException", "").with("Message", "");
}

AwsError function_not_found(std::string_view arn) {
    return not_found("Function not found: " + std::string(arn));
}

AwsError stale_revision(std::string_view get_call) {
    return user_error(
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the " +
            std::string(get_call) + " API to retrieve the latest Revision Id"
    );
}

AwsError zipped_too_large() {
    return AwsError(
        413, "RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes"
    );
}

AwsError create_request_too_large() {
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the CreateFunction operation"
    );
}

AwsError update_request_too_large() {
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the UpdateFunctionCode operation"
    );
}

AwsError payload_too_large() {
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    );
}

AwsError recursive_invocation() {
    return user_error(
        400,
        "RecursiveInvocationException",
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web "
        "Services resources and stopped your function's invocation."
    );
}

namespace {

constexpr std::string_view kJsonValues = "(JSON String, Number, Array, Object or token 'null', "
                                         "'true' or 'false')";

bool is_identifier_start(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool is_identifier_part(unsigned char c) {
    return is_identifier_start(c) || (c >= '0' && c <= '9');
}

// "'@' (code 64)"; a byte that is no character shows its number alone (recorded).
std::string shown_character(unsigned char c) {
    const std::string code = std::to_string(c);
    if (c < 32 || (c >= 127 && c < 160)) {
        return "(CTRL-CHAR, code " + code + ")";
    }
    std::string text;
    if (c < 128) {
        text += static_cast<char>(c);
    } else {
        text += static_cast<char>(0xC0 | (c >> 6));
        text += static_cast<char>(0x80 | (c & 0x3F));
    }
    return "'" + text + "' (code " + code + ")";
}

struct JsonFlaw {
    std::string what;
    std::size_t column = 1;
};

JsonFlaw json_flaw(std::string_view payload) {
    const std::string values = "expected a valid value " + std::string(kJsonValues);
    const std::size_t at = payload.find_first_not_of(" \t");
    if (at == std::string_view::npos) {
        return {"Unexpected character: " + values, 1};
    }
    const auto c = static_cast<unsigned char>(payload[at]);
    if (is_identifier_start(c)) {
        std::size_t end = at;
        while (end < payload.size() && is_identifier_part(static_cast<unsigned char>(payload[end]))
        ) {
            ++end;
        }
        const std::string_view token = payload.substr(at, std::min<std::size_t>(end - at, 256));
        if (token != "true" && token != "false" && token != "null") {
            return {
                "Unrecognized token '" + std::string(token) + "': was expecting " +
                    std::string(kJsonValues),
                end + 1};
        }
    } else if (std::string_view("{[\"-0123456789\r\n").find(static_cast<char>(c)) == std::string_view::npos) {
        return {"Unexpected character (" + shown_character(c) + "): " + values, at + 1};
    } else if (c == '{') {
        const std::size_t name = payload.find_first_not_of(" \t", at + 1);
        if (name != std::string_view::npos &&
            std::string_view("\"}\r\n").find(payload[name]) == std::string_view::npos) {
            return {
                "Unexpected character (" +
                    shown_character(static_cast<unsigned char>(payload[name])) +
                    "): was expecting double-quote to start field name",
                name + 1};
        }
    }
    return {"Unexpected character: " + values, 1};
}

} // namespace

AwsError payload_not_json(std::string_view payload) {
    const JsonFlaw flaw = json_flaw(payload);
    return user_error(
        400,
        "InvalidRequestContentException",
        "Could not parse request body into json: Could not parse payload into json: " + flaw.what +
            "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
            "line: 1, column: " +
            std::to_string(flaw.column) + "]"
    );
}

AwsError throttled(std::string_view reason) {
    return AwsError(429, "TooManyRequestsException", "Rate Exceeded.")
        .with("Reason", reason)
        .with("Type", "User");
}

} // namespace benchtop::lambda
