// HTTP/1.1 requests as Beast parses them, straight into a RequestHead: names, order and bytes as
// received.
#pragma once

#include "emulator/core/encoding.hpp"
#include "emulator/core/http.hpp"

#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <functional>
#include <string>

namespace benchtop::net {

// Limits of a head; beyond them the answer is an error and the connection closes.
inline constexpr std::uint32_t kHeaderBytesMax = 64 * 1024;

// One request. Body bytes go to `sink`, which returns false to stop the parse (the exchange has
// answered).
class HeadParser : public boost::beast::http::basic_parser<true> {
public:
    using Sink = std::function<bool(ByteView)>;

    HeadParser();

    RequestHead& head() { return head_; }

    // "host:port" of an absolute-form target ("GET http://host:port/path", as proxies are asked),
    // or
    // "".
    const std::string& authority() const { return authority_; }

    void set_sink(Sink sink) { sink_ = std::move(sink); }

    // The client waits for "100 Continue" before it sends its body.
    bool expects_continue() const { return expects_continue_; }

    // Sum of the header section's bytes as received.
    std::size_t header_bytes() const { return header_bytes_; }

    // HTTP/1.1 without Host, or with two.
    bool host_is_bad() const { return host_count_ != 1; }

    bool sink_stopped() const { return sink_stopped_; }

private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;
    using verb = boost::beast::http::verb;
    using field = boost::beast::http::field;

    void on_request_impl(verb, string_view, string_view, int, error_code&) override;
    void on_response_impl(int, string_view, int, error_code&) override;
    void on_field_impl(field, string_view, string_view, error_code&) override;
    void on_header_impl(error_code&) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override;
    std::size_t on_body_impl(string_view, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override;
    std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override;
    void on_finish_impl(error_code&) override;

    RequestHead head_;
    std::string authority_;
    Sink sink_;
    std::size_t header_bytes_ = 0;
    int host_count_ = 0;
    bool in_trailer_ = false;
    bool transfer_encoding_ = false;
    bool ends_in_chunked_ = false; // the last of the transfer codings
    bool expects_continue_ = false;
    bool sink_stopped_ = false;
};

} // namespace benchtop::net
