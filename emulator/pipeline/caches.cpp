#include "emulator/pipeline/caches.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/time.hpp"
#include "emulator/iam/identity_policies.hpp"
#include "emulator/iam/model.hpp"
#include "emulator/sts/session_policies.hpp"

#include <algorithm>
#include <functional>

namespace benchtop::pipeline {
namespace {

std::string path_and_name(std::string_view path, std::string_view name) {
    return std::string(path) + std::string(name); // a path begins and ends with '/'
}

// A session's tag takes the place of the role's of that key (IAM User Guide, "Pass session tags").
void add_session_facts(const store::AccessKey& key, policy::Principal& who) {
    if (key.session_token.empty()) {
        return;
    }
    who.token_issued_at = to_iso8601_s(key.issued_at);
    sts::SessionFacts facts = sts::session_facts(key);
    for (auto& tag : facts.tags) {
        std::erase_if(who.tags, [&](const auto& old) { return iequals(old.first, tag.first); });
        who.tags.push_back(std::move(tag));
    }
    who.transitive_tag_keys = std::move(facts.transitive_tag_keys);
    who.source_identity = std::move(facts.source_identity);
}

std::shared_ptr<const Identity> load_identity(const store::ReadTx& tx, std::string_view key_id) {
    auto key = well_known_key(key_id);
    if (!key) {
        key = tx.find_access_key(key_id);
    }
    return key && iam::is_active(tx, *key) ? identity_of(tx, *key) : nullptr;
}

} // namespace

std::shared_ptr<const Identity> identity_of(const store::ReadTx& tx, const store::AccessKey& key) {
    auto identity = std::make_shared<Identity>();
    auto record = std::make_shared<auth::KeyRecord>();
    record->access_key_id = key.access_key_id;
    record->secret = key.secret;
    record->session_token = key.session_token;
    if (key.lifetime) {
        record->issued_at = key.issued_at;
        record->lifetime = key.lifetime;
    }
    record->generation = std::hash<std::string>{}(key.secret);
    identity->key = std::move(record);

    policy::Principal& who = identity->principal;
    who.account = key.account;
    switch (key.kind) {
    case store::PrincipalKind::Root:
        who.kind = policy::Principal::Kind::Root;
        who.arn = "arn:aws:iam::" + key.account + ":root";
        who.user_id = key.account;
        break;
    case store::PrincipalKind::User: {
        const auto user = tx.find_user(key.account, key.principal_name);
        if (!user) {
            return nullptr;
        }
        who.kind = policy::Principal::Kind::User;
        who.arn = "arn:aws:iam::" + key.account + ":user" + path_and_name(user->path, user->name);
        who.user_id = user->user_id;
        who.username = user->name;
        who.tags = iam::parse_details(user->details).tags;
        break;
    }
    case store::PrincipalKind::Group:
        return nullptr; // has no keys
    case store::PrincipalKind::Role: {
        const auto role = tx.find_role(key.account, key.principal_name);
        if (!role) {
            return nullptr;
        }
        who.kind = policy::Principal::Kind::AssumedRole;
        who.arn =
            "arn:aws:sts::" + key.account + ":assumed-role/" + role->name + "/" + key.session_name;
        who.role_arn =
            "arn:aws:iam::" + key.account + ":role" + path_and_name(role->path, role->name);
        who.user_id = role->role_id + ":" + key.session_name;
        who.tags = iam::parse_details(role->details).tags;
        break;
    }
    }
    if (key.kind != store::PrincipalKind::Root) {
        identity->policies = iam::policies_of(tx, key.kind, key.account, key.principal_name);
    }
    identity->policies.session = sts::session_policies(key);
    add_session_facts(key, who);
    return identity;
}

std::optional<store::AccessKey> well_known_key(std::string_view access_key_id) {
    const bool twelve_digits = access_key_id.size() == 12 &&
                               std::all_of(access_key_id.begin(), access_key_id.end(), [](char c) {
                                   return c >= '0' && c <= '9';
                               });
    if (access_key_id != "test" && !twelve_digits) {
        return std::nullopt;
    }
    store::AccessKey key;
    key.access_key_id = access_key_id;
    key.secret = "test";
    key.account = twelve_digits ? std::string(access_key_id) : "000000000000";
    key.kind = store::PrincipalKind::Root;
    return key;
}

void CacheSlot::refresh(std::uint64_t identity_epoch, std::uint64_t configuration_epoch) {
    if (identity_epoch != identity_epoch_) {
        identities_.clear();
        identity_epoch_ = identity_epoch;
    }
    if (configuration_epoch != configuration_epoch_) {
        apis_.clear();
        configuration_epoch_ = configuration_epoch;
    }
}

std::shared_ptr<const Identity>
CacheSlot::identity(const store::ReadTx& tx, std::string_view access_key_id) {
    std::string name(access_key_id);
    if (const auto found = identities_.find(name); found != identities_.end()) {
        return found->second;
    }
    auto identity = load_identity(tx, access_key_id);
    if (identity) {
        if (identities_.size() >= kIdentitiesMax) {
            identities_.clear();
        }
        identities_.emplace(std::move(name), identity);
    }
    return identity;
}

std::shared_ptr<const apigateway::Api> CacheSlot::cached_api(std::string_view api_id) const {
    const auto found = apis_.find(std::string(api_id));
    return found == apis_.end() ? nullptr : found->second;
}

std::shared_ptr<const apigateway::Api>
CacheSlot::api(const store::ReadTx& tx, std::string_view api_id) {
    std::string name(api_id);
    if (const auto found = apis_.find(name); found != apis_.end()) {
        return found->second;
    }
    const auto row = tx.find_api(api_id);
    auto parsed = row ? apigateway::parse_api(*row) : std::nullopt;
    if (!parsed) {
        return nullptr;
    }
    auto api = std::make_shared<const apigateway::Api>(*std::move(parsed));
    apis_.emplace(std::move(name), api);
    return api;
}

std::shared_ptr<const auth::KeyRecord> IdentityLookup::find(std::string_view access_key_id) {
    found_ = slot_.identity(tx_, access_key_id);
    return found_ ? found_->key : nullptr;
}

Services::Caches::Lease::Lease(Caches& caches)
    : caches_(caches) {
    {
        const std::lock_guard lock(caches.mutex);
        if (!caches.free.empty()) {
            slot_ = std::move(caches.free.back());
            caches.free.pop_back();
        }
    }
    if (!slot_) {
        slot_ = std::make_unique<CacheSlot>();
    }
}

Services::Caches::Lease::~Lease() {
    const std::lock_guard lock(caches_.mutex);
    caches_.free.push_back(std::move(slot_));
}

} // namespace benchtop::pipeline
