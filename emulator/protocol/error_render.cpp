#include "emulator/protocol/error_render.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/protocol/xml_writer.hpp"

namespace benchtop::protocol {
namespace {

bool is_amz_header(std::string_view name) {
    return iequals(name.substr(0, 6), "x-amz-");
}

Response start(const AwsError& error) {
    Response response;
    response.status = error.status();
    response.close = error.closes_connection();
    return response;
}

void add_headers(const AwsError& error, Response& response) {
    for (const auto& [name, value] : error.headers()) {
        response.headers.add(name, value);
    }
}

// Members that come with the code, then the message.
void write_members(const AwsError& error, JsonWriter& json) {
    bool has_message = false;
    for (const auto& [name, value] : error.extra()) {
        const bool is_message = name == "Message";
        has_message = has_message || is_message;
        if (is_message && value.empty()) {
            json.key(name).null();
        } else {
            json.member(name, value);
        }
    }
    if (!has_message) {
        json.member("message", error.message());
    }
}

} // namespace

std::string s3_error_document(const AwsError& error, const RequestIds& ids) {
    XmlWriter xml;
    xml.open("Error").element("Code", error.code()).element("Message", error.message());
    for (const auto& [name, value] : error.extra()) {
        xml.element(name, value);
    }
    xml.element("RequestId", ids.request_id).element("HostId", ids.host_id).close();
    return std::move(xml).take();
}

Response render_s3_error(
    const AwsError& error, const RequestIds& ids, const ServerStamp& stamp, bool is_head
) {
    Response response = start(error);
    if (error.code().empty() && !is_head) {
        // The front end's own refusals: no document, no request id.
        for (const auto& [name, value] : error.headers()) {
            response.headers.add(name, value);
        }
        response.headers.add("Date", to_http_date(stamp.date));
        response.headers.add("Server", "AmazonS3");
        response.framing = Framing::Chunked;
        return response;
    }
    const bool bodiless = error.status() == 304;
    // Recorded order: x-amz-bucket-region, the ids, then Allow or Location.
    for (const auto& [name, value] : error.headers()) {
        if (is_amz_header(name)) {
            response.headers.add(name, value);
        }
    }
    response.headers.add("x-amz-request-id", ids.request_id);
    response.headers.add("x-amz-id-2", ids.host_id);
    for (const auto& [name, value] : error.headers()) {
        if (!is_amz_header(name)) {
            response.headers.add(name, value);
        }
    }
    if (!bodiless) {
        response.headers.add("Content-Type", "application/xml");
    }
    response.headers.add("Date", to_http_date(stamp.date));
    response.headers.add("Server", "AmazonS3");
    response.is_head = is_head;
    if (is_head || bodiless) {
        response.framing = Framing::None;
        return response;
    }
    response.framing = Framing::Chunked;
    response.body = s3_error_document(error, ids);
    return response;
}

Response render_query_error(
    const AwsError& error,
    std::string_view xmlns,
    std::string_view request_id,
    const ServerStamp& stamp
) {
    Response response = start(error);
    add_headers(error, response);
    response.headers.add("x-amzn-RequestId", request_id);
    response.headers.add("Content-Type", "text/xml");
    response.headers.add("Date", to_http_date(stamp.date));
    const auto escaped = [](std::string_view text) { return xml_escape(text, Quotes::Keep); };
    std::string body = "<ErrorResponse xmlns=\"" + xml_escape(xmlns, Quotes::Escape) + "\">\n";
    body += "  <Error>\n    <Type>";
    body += error.status() >= 500 ? "Receiver" : "Sender";
    body += "</Type>\n    <Code>" + escaped(error.code()) + "</Code>\n";
    body += "    <Message>" + escaped(error.message()) + "</Message>\n";
    for (const auto& [name, value] : error.extra()) {
        body += "    <" + name + ">" + escaped(value) + "</" + name + ">\n";
    }
    body += "  </Error>\n  <RequestId>" + escaped(request_id) + "</RequestId>\n</ErrorResponse>\n";
    response.body = std::move(body);
    return response;
}

Response render_rest_json_error(
    const AwsError& error, std::string_view request_id, const ServerStamp& stamp
) {
    Response response = start(error);
    add_headers(error, response);
    response.headers.add("Date", to_http_date(stamp.date));
    response.headers.add("Content-Type", "application/json");
    response.headers.add("x-amzn-RequestId", request_id);
    response.headers.add("x-amzn-ErrorType", error.code());
    JsonWriter json;
    json.begin_object();
    write_members(error, json);
    json.end_object();
    response.body = std::move(json).take();
    return response;
}

Response
render_json11_error(const AwsError& error, std::string_view request_id, const ServerStamp& stamp) {
    Response response = start(error);
    add_headers(error, response);
    response.headers.add("x-amzn-RequestId", request_id);
    response.headers.add("Content-Type", "application/x-amz-json-1.1");
    response.headers.add("Date", to_http_date(stamp.date));
    JsonWriter json;
    json.begin_object().member("__type", error.code());
    write_members(error, json);
    json.end_object();
    response.body = std::move(json).take();
    return response;
}

Response render_api_gateway_error(
    int status, std::string_view message, std::string_view apigw_request_id, UtcInstant now
) {
    Response response;
    response.status = status;
    response.announces_keep_alive = true;
    response.headers.add("Date", to_http_date(now));
    response.headers.add("Content-Type", "application/json");
    response.headers.add("Apigw-Requestid", apigw_request_id);
    JsonWriter json;
    json.begin_object().member("message", message).end_object();
    response.body = std::move(json).take();
    return response;
}

} // namespace benchtop::protocol
