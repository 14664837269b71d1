#include "emulator/apigateway/jwt.hpp"

#include "emulator/core/encoding.hpp"

#include <boost/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace benchtop::apigateway {
namespace {

namespace json = boost::json;

constexpr std::size_t kTokenBytesMax = 8 * 1024;
constexpr std::size_t kDepthMax = 16;
constexpr seconds kLeeway{0};

AwsError invalid(std::string_view why) {
    return AwsError(401, "invalid_token", why);
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string plain(text);
    for (char& c : plain) {
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    while (plain.size() % 4 != 0) {
        plain += '=';
    }
    return from_base64(plain);
}

std::optional<json::object> parse_object(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code ec;
    json::value value = json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
    return ec || !value.is_object() ? std::nullopt : std::optional(std::move(value.get_object()));
}

std::string_view text_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view{};
}

std::optional<UtcInstant> time_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    const double number = value->to_number<double>();
    constexpr double far = 1e11; // beyond any date a token can mean
    return number > -far && number < far
               ? std::optional(from_epoch_seconds(static_cast<std::int64_t>(number)))
               : std::nullopt;
}

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

Number number_of(std::string_view base64url) {
    const auto bytes = from_base64url(base64url);
    if (!bytes || bytes->empty() || bytes->size() > 1024) {
        return nullptr;
    }
    return Number(BN_bin2bn(
        reinterpret_cast<const unsigned char*>(bytes->data()),
        static_cast<int>(bytes->size()),
        nullptr
    ));
}

Key rsa_key(const json::object& jwk) {
    const Number n = number_of(text_at(jwk, "n"));
    const Number e = number_of(text_at(jwk, "e"));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return Key(key);
}

const EVP_MD* digest_of(std::string_view algorithm) {
    return algorithm == "RS256"   ? EVP_sha256()
           : algorithm == "RS384" ? EVP_sha384()
           : algorithm == "RS512" ? EVP_sha512()
                                  : nullptr;
}

bool signature_fits(const Jwt& jwt, EVP_PKEY* key, const EVP_MD* digest) {
    const Digest context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(
               context.get(),
               reinterpret_cast<const unsigned char*>(jwt.signature.data()),
               jwt.signature.size(),
               reinterpret_cast<const unsigned char*>(jwt.signed_part.data()),
               jwt.signed_part.size()
           ) == 1;
}

// The RSA key of the id the token names; nullptr: the set has none.
const json::object* find_key(const Jwt& jwt, const json::object& key_set) {
    const json::value* keys = key_set.if_contains("keys");
    if (keys == nullptr || !keys->is_array()) {
        return nullptr;
    }
    const std::string_view kid = text_at(jwt.header, "kid");
    for (const json::value& item : keys->get_array()) {
        if (item.is_object() && text_at(item.get_object(), "kty") == "RSA" &&
            text_at(item.get_object(), "kid") == kid) {
            return &item.get_object();
        }
    }
    return nullptr;
}

bool names_audience(const json::object& claims, const std::vector<std::string>& audience) {
    const auto wanted = [&audience](std::string_view given) {
        return std::find(audience.begin(), audience.end(), given) != audience.end();
    };
    const json::value* aud = claims.if_contains("aud");
    if (aud == nullptr) {
        return wanted(text_at(claims, "client_id"));
    }
    if (aud->is_array()) {
        const json::array& list = aud->get_array();
        return std::any_of(list.begin(), list.end(), [&](const json::value& one) {
            return one.is_string() && wanted(one.get_string());
        });
    }
    return aud->is_string() && wanted(aud->get_string());
}

} // namespace

std::string_view Jwt::text(std::string_view claim) const {
    return text_at(claims, claim);
}

Result<Jwt> parse_jwt(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (token.size() > kTokenBytesMax || second == std::string_view::npos) {
        return invalid("unable to decode the token");
    }
    const auto header = from_base64url(token.substr(0, first));
    const auto payload = from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = from_base64url(token.substr(second + 1));
    auto header_object = header ? parse_object(*header) : std::nullopt;
    auto claims = payload ? parse_object(*payload) : std::nullopt;
    if (!header_object || !claims || !signature) {
        return invalid("unable to decode the token");
    }
    return Jwt{
        *std::move(header_object),
        *std::move(claims),
        std::string(token.substr(0, second)),
        *std::move(signature)};
}

Result<void> check_algorithm(const Jwt& jwt) {
    const std::string_view algorithm = text_at(jwt.header, "alg");
    if (digest_of(algorithm) == nullptr) {
        return invalid("signing method " + std::string(algorithm) + " is invalid");
    }
    return {};
}

std::optional<json::object> parse_key_set(std::string_view text) {
    auto set = parse_object(text);
    const json::value* keys = set ? set->if_contains("keys") : nullptr;
    return keys != nullptr && keys->is_array() ? std::move(set) : std::nullopt;
}

bool has_key_of(const Jwt& jwt, const json::object& key_set) {
    return find_key(jwt, key_set) != nullptr;
}

Result<void> verify_signature(const Jwt& jwt, const json::object& key_set) {
    if (auto known = check_algorithm(jwt); !known) {
        return known.error();
    }
    const json::object* jwk = find_key(jwt, key_set);
    if (jwk == nullptr) {
        return invalid("the token's key id is not among the issuer's keys");
    }
    const Key key = rsa_key(*jwk);
    if (!key || !signature_fits(jwt, key.get(), digest_of(text_at(jwt.header, "alg")))) {
        return invalid("the token has an invalid signature");
    }
    return {};
}

Result<void> check_claims(
    const Jwt& jwt,
    std::string_view issuer,
    const std::vector<std::string>& audience,
    const TimeAxis& axis,
    UtcInstant now
) {
    if (jwt.text("iss") != issuer) {
        return invalid("the token has an invalid issuer");
    }
    if (!names_audience(jwt.claims, audience)) {
        return invalid("the token has an invalid audience");
    }
    const auto expires = time_at(jwt.claims, "exp");
    if (!expires) {
        return invalid("the token has no expiry");
    }
    const auto issued = time_at(jwt.claims, "iat");
    const bool expired =
        issued ? axis.age(*issued, now) > *expires - *issued + kLeeway : now > *expires + kLeeway;
    if (expired) {
        return invalid("the token has expired");
    }
    const auto not_before = time_at(jwt.claims, "nbf");
    if ((not_before && now < *not_before) || (issued && now < *issued)) {
        return invalid("the token is not valid yet");
    }
    return {};
}

std::vector<std::string> scopes_of(const Jwt& jwt) {
    std::vector<std::string> scopes;
    for (const std::string_view claim : {"scope", "scp"}) {
        if (const json::value* value = jwt.claims.if_contains(claim);
            value != nullptr && value->is_array()) {
            for (const json::value& item : value->get_array()) {
                if (item.is_string()) {
                    scopes.emplace_back(item.get_string());
                }
            }
            continue;
        }
        std::string_view text = jwt.text(claim);
        while (!text.empty()) {
            const std::size_t space = std::min(text.find(' '), text.size());
            if (space > 0) {
                scopes.emplace_back(text.substr(0, space));
            }
            text.remove_prefix(std::min(space + 1, text.size()));
        }
    }
    return scopes;
}

} // namespace benchtop::apigateway
