#include "harness/expect.hpp"

#include <boost/json.hpp>
#include <pugixml.hpp>

#include <ostream>

namespace benchtop::harness {
namespace {

// Bytes of a body that a report shows.
constexpr std::size_t kShownBytes = 400;

std::string member(const boost::json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// com.amazonaws.logs#ResourceNotFoundException:http://... -> ResourceNotFoundException
std::string bare_type(std::string_view type) {
    type = type.substr(0, type.find(':'));
    const auto hash = type.rfind('#');
    return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

WireError json_error(const ClientResponse& answer, const boost::json::object& document) {
    WireError error;
    error.code = bare_type(member(document, "__type"));
    if (error.code.empty()) {
        error.code = bare_type(answer.headers.find("x-amzn-ErrorType").value_or(""));
    }
    error.message = member(document, "message");
    if (error.message.empty()) {
        error.message = member(document, "Message");
    }
    return error;
}

WireError xml_error(const pugi::xml_document& document) {
    pugi::xml_node error = document.child("Error"); // S3
    if (!error) {
        error = document.child("ErrorResponse").child("Error"); // IAM, STS
    }
    return {error.child_value("Code"), error.child_value("Message")};
}

} // namespace

WireError wire_error(const ClientResponse& answer) {
    if (answer.body.starts_with('{')) {
        boost::system::error_code ec;
        const auto document = boost::json::parse(answer.body, ec);
        return !ec && document.is_object() ? json_error(answer, document.as_object()) : WireError();
    }
    pugi::xml_document document;
    if (!document.load_buffer(answer.body.data(), answer.body.size())) {
        return {};
    }
    return xml_error(document);
}

Refusal refused(std::string_view code_or_message) {
    return {0, std::string(code_or_message)};
}

Refusal refused(int status, std::string_view code_or_message) {
    return {status, std::string(code_or_message)};
}

Answered answered(int status) {
    return {status};
}

bool operator==(const ClientResponse& answer, const Refusal& expected) {
    if (expected.status == 0 ? answer.status < 400 : answer.status != expected.status) {
        return false;
    }
    const WireError error = wire_error(answer);
    return error.code == expected.how || error.message == expected.how;
}

bool operator==(const ClientResponse& answer, const Answered& expected) {
    return answer.status == expected.status;
}

std::ostream& operator<<(std::ostream& out, const ClientResponse& answer) {
    if (answer.status == 0) {
        return out << "no answer: the process died";
    }
    const WireError error = wire_error(answer);
    out << answer.status;
    if (!error.code.empty() || !error.message.empty()) {
        out << ' ' << error.code << (error.code.empty() || error.message.empty() ? "" : ": ")
            << error.message;
    }
    if (answer.status < 400 || (error.code.empty() && error.message.empty())) {
        out << " \"" << answer.body.substr(0, kShownBytes)
            << (answer.body.size() > kShownBytes ? "...\"" : "\"");
    }
    return out;
}

std::ostream& operator<<(std::ostream& out, const Refusal& expected) {
    out << "refused";
    if (expected.status != 0) {
        out << " with " << expected.status;
    }
    return out << ": " << expected.how;
}

std::ostream& operator<<(std::ostream& out, const Answered& expected) {
    return out << "answered with " << expected.status;
}

} // namespace benchtop::harness
