#include "emulator/pipeline/issuer_keys.hpp"

#include "emulator/apigateway/gateway.hpp"
#include "emulator/apigateway/jwt.hpp"
#include "emulator/pipeline/aws_hosts.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>

namespace benchtop::pipeline {
namespace {

namespace json = boost::json;

constexpr std::size_t kPublishedBytesMax =
    150'000; // "Response size from JSON Web Key Set endpoint"
constexpr std::chrono::hours kKeptFor{2};

IssuerKeys::KeySet published_keys(Services& services, std::string issuer) {
    issuer += issuer.ends_with('/') ? "" : "/";
    const auto configuration =
        fetch_published(services, issuer + ".well-known/openid-configuration");
    if (!configuration) {
        return nullptr;
    }
    boost::system::error_code ec;
    const json::value parsed = json::parse(*configuration, ec);
    const json::value* uri =
        !ec && parsed.is_object() ? parsed.get_object().if_contains("jwks_uri") : nullptr;
    const auto text = uri != nullptr && uri->is_string()
                          ? fetch_published(services, uri->get_string())
                          : std::nullopt;
    auto keys = text ? apigateway::parse_key_set(*text) : std::nullopt;
    return keys ? std::make_shared<const json::object>(*std::move(keys)) : nullptr;
}

} // namespace

std::optional<std::string> fetch_published(Services& services, std::string_view url) {
    constexpr std::string_view https = "https://";
    if (!url.starts_with(https)) {
        return std::nullopt;
    }
    url.remove_prefix(https.size());
    const std::size_t slash = std::min(url.find('/'), url.size());
    const std::string_view host = url.substr(0, slash);
    RequestHead head;
    head.method = "GET";
    head.target = slash < url.size() ? std::string(url.substr(slash)) : "/";
    // An API answers under S3's names, too, when the path addresses it.
    if (host_kind(host) != HostKind::S3 || apigateway::path_address(head.path())) {
        return std::nullopt;
    }
    head.headers.add("Host", host);
    head.secure = true;
    head.source_ip = "127.0.0.1";
    head.received_at = services.clock.now();
    const Response answer = execute_blocking(services, std::move(head), "");
    if (answer.status != 200 || content_size(answer.body) > kPublishedBytesMax) {
        return std::nullopt;
    }
    return whole_content(answer.body);
}

IssuerKeys::KeySet IssuerKeys::find(
    Services& services,
    const std::string& issuer,
    UtcInstant now,
    const std::function<bool(const boost::json::object&)>& suits
) {
    // A change of the lab's configuration (its reset above all) makes them doubtful.
    const std::uint64_t epoch = services.store.configuration_epoch();
    TimeAxis axis;
    services.store.read([&](const store::ReadTx& tx) { axis = tx.time_axis(); });
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = kept_.find(issuer); found != kept_.end()) {
            const Kept& kept = found->second;
            const microseconds age = axis.age(kept.fetched_at, now);
            if (kept.configuration_epoch == epoch && age >= microseconds{0} && age < kKeptFor &&
                suits(*kept.keys)) {
                return kept.keys;
            }
        }
    }
    KeySet keys = published_keys(services, issuer);
    if (keys) {
        const std::lock_guard lock(mutex_);
        if (kept_.size() >= kIssuersMax && !kept_.contains(issuer)) {
            kept_.clear();
        }
        kept_[issuer] = {keys, now, epoch};
    }
    return keys;
}

} // namespace benchtop::pipeline
