#include "emulator/net/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace benchtop::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

Result<HttpReply> local_request(
    std::uint16_t port, std::string_view method, std::string_view target, std::string_view body
) {
    constexpr std::uint64_t kReplyMax = 64 << 20;
    asio::io_context context{1};
    boost::beast::tcp_stream stream(context);
    boost::system::error_code ec;
    stream.connect(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port), ec);
    if (ec) {
        return AwsError(
            503,
            "NotRunning",
            "No Benchtop answers on port " + std::to_string(port) +
                "; start one with `./benchtop up`, or name its port with --port N."
        );
    }
    http::request<http::string_body> request;
    request.method_string({method.data(), method.size()});
    request.target({target.data(), target.size()});
    request.version(11);
    request.set(http::field::host, "localhost:" + std::to_string(port));
    request.set(http::field::connection, "close");
    request.body() = std::string(body);
    request.prepare_payload();
    http::write(stream, request, ec);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kReplyMax);
    boost::beast::flat_buffer buffer;
    if (!ec) {
        http::read(stream, buffer, parser, ec);
    }
    if (ec) {
        return AwsError(
            502, "BrokenAnswer", "The emulator's answer did not arrive whole: " + ec.message() + "."
        );
    }
    return HttpReply{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

} // namespace benchtop::net
