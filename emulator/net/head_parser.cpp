#include "emulator/net/head_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <limits>

namespace benchtop::net {
namespace {

struct ReducedTarget {
    std::string target;
    std::string authority;
};

// "http://host/path?q" -> "/path?q" and "host"; everything else unchanged (RFC 9112 3.2.2).
ReducedTarget reduce_absolute_form(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.size() > scheme.size() && iequals(target.substr(0, scheme.size()), scheme)) {
            const std::string_view rest = target.substr(scheme.size());
            const auto path = rest.find_first_of("/?");
            ReducedTarget reduced{"/", std::string(rest.substr(0, path))};
            if (path != std::string_view::npos) {
                reduced.target = (rest[path] == '?' ? "/" : "") + std::string(rest.substr(path));
            }
            return reduced;
        }
    }
    return {std::string(target), ""};
}

bool last_coding_is_chunked(std::string_view codings) {
    const auto comma = codings.rfind(',');
    return iequals(
        trim(codings.substr(comma == std::string_view::npos ? 0 : comma + 1)), "chunked"
    );
}

} // namespace

HeadParser::HeadParser() {
    header_limit(kHeaderBytesMax);
    body_limit(boost::none); // the exchange bounds bodies (ReadBody::limit, the object size limit)
    eager(true);
}

void HeadParser::
    on_request_impl(verb, string_view method, string_view target, int version, error_code&) {
    head_.method = std::string(method);
    ReducedTarget reduced = reduce_absolute_form({target.data(), target.size()});
    head_.target = std::move(reduced.target);
    authority_ = std::move(reduced.authority);
    head_.http_1_0 = version == 10;
    header_bytes_ += method.size() + target.size() + 12;
}

void HeadParser::on_response_impl(int, string_view, int, error_code& ec) {
    ec = boost::beast::http::error::bad_version;
}

void HeadParser::on_field_impl(field id, string_view name, string_view value, error_code&) {
    if (in_trailer_) {
        return; // HTTP trailers are not part of any AWS protocol; aws-chunked has its own
    }
    const std::string_view text(value.data(), value.size());
    head_.headers.add({name.data(), name.size()}, text);
    header_bytes_ += name.size() + value.size() + 4;
    if (id == field::host) {
        ++host_count_;
    } else if (id == field::transfer_encoding) {
        transfer_encoding_ = true;
        ends_in_chunked_ = last_coding_is_chunked(text);
    } else if (id == field::expect) {
        expects_continue_ = iequals(text, "100-continue");
    }
}

void HeadParser::on_header_impl(error_code& ec) {
    in_trailer_ = true;
    // RFC 9112 6.3: what does not end in chunked has no length that can be known.
    if (transfer_encoding_ && !(chunked() && ends_in_chunked_)) {
        ec = boost::beast::http::error::bad_transfer_encoding;
        return;
    }
    head_.chunked = chunked();
    if (const auto length = content_length()) {
        head_.content_length = *length;
    }
    if (host_count_ == 0 && head_.http_1_0) {
        host_count_ = 1; // HTTP/1.0 knows no Host
    }
}

void HeadParser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

std::size_t HeadParser::on_body_impl(string_view bytes, error_code& ec) {
    if (sink_ && !sink_stopped_ && !sink_(as_bytes({bytes.data(), bytes.size()}))) {
        sink_stopped_ = true;
        ec = boost::beast::http::error::end_of_stream;
    }
    return bytes.size();
}

void HeadParser::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

std::size_t HeadParser::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& ec) {
    return on_body_impl(bytes, ec);
}

void HeadParser::on_finish_impl(error_code&) {}

} // namespace benchtop::net
