#include "emulator/stack/deploy.hpp"

#include "emulator/core/ids.hpp"

namespace benchtop::stack {
namespace {

using store::PrincipalKind;

void put_policies(
    store::WriteTx& tx,
    PrincipalKind kind,
    const Stack& stack,
    std::string_view name,
    const std::vector<store::InlinePolicy>& policies
) {
    for (const auto& policy : policies) {
        tx.put_inline_policy(kind, stack.account, name, policy);
    }
}

void deploy_roles(store::WriteTx& tx, const Stack& stack, UtcInstant now, Random& random) {
    for (const auto& spec : stack.roles) {
        if (tx.find_role(stack.account, spec.name)) {
            continue;
        }
        store::Role role;
        role.account = stack.account;
        role.name = spec.name;
        role.role_id = make_unique_id(random, "AROA");
        role.trust_policy = spec.trust_policy;
        role.created_at = now;
        tx.put_role(role);
        put_policies(tx, PrincipalKind::Role, stack, spec.name, spec.policies);
    }
}

void deploy_functions(store::WriteTx& tx, const Stack& stack, UtcInstant now) {
    for (const auto& spec : stack.functions) {
        if (tx.find_function(stack.account, stack.region, spec.name)) {
            continue;
        }
        store::Function function;
        function.account = stack.account;
        function.region = stack.region;
        function.name = spec.name;
        function.role_arn = "arn:aws:iam::" + stack.account + ":role/" + spec.role;
        function.runtime = spec.runtime;
        function.handler = spec.handler;
        function.code_kind = "plugin";
        function.code = spec.plugin;
        function.environment = spec.environment;
        function.policy = resource_policy(function.arn(), spec.permissions);
        function.last_modified = now;
        tx.put_function(function);
    }
}

void deploy_api(store::WriteTx& tx, const Stack& stack, UtcInstant now) {
    if (tx.find_api(stack.api.id)) {
        return;
    }
    store::HttpApi api;
    api.api_id = stack.api.id;
    api.account = stack.account;
    api.region = stack.region;
    api.name = stack.api.name;
    api.document = apigateway::to_json(stack.api.model);
    api.created_at = now;
    tx.put_api(api);
}

// What "Create folder" in the console leaves: a zero-byte object with S3's default checksum.
store::Object folder_object(store::WriteTx& tx, const std::string& key, UtcInstant now) {
    store::Object folder;
    folder.key = key;
    folder.etag = "d41d8cd98f00b204e9800998ecf8427e";
    folder.last_modified = now;
    folder.checksum_algorithm = ChecksumAlgorithm::Crc64Nvme;
    folder.checksum = "AAAAAAAAAAA=";
    folder.checksum_type = "FULL_OBJECT";
    folder.sequencer = tx.next_sequencer(now);
    folder.attributes.content_type = "application/x-directory; charset=UTF-8";
    return folder;
}

void deploy_bucket(
    store::WriteTx& tx,
    const Stack& stack,
    UtcInstant now,
    const RenderNotification& render_notification
) {
    if (tx.find_bucket(stack.bucket)) {
        return;
    }
    store::Bucket bucket;
    bucket.name = stack.bucket;
    bucket.account = stack.account;
    bucket.region = stack.region;
    bucket.created_at = now;
    const store::BucketId id = tx.create_bucket(bucket);
    for (const auto& key : stack.folders) {
        tx.put_object(id, folder_object(tx, key, now));
    }
    const Trigger& trigger = stack.trigger;
    tx.set_bucket_notification(
        id,
        render_notification(
            trigger.id, trigger.function_arn, trigger.event, trigger.prefix, trigger.suffix
        )
    );
}

} // namespace

void deploy_administrator(store::WriteTx& tx, const Stack& stack, UtcInstant now, Random& random) {
    const UserSpec& spec = stack.administrator;
    if (!tx.find_user(stack.account, spec.name)) {
        store::User user;
        user.account = stack.account;
        user.name = spec.name;
        user.user_id = make_unique_id(random, "AIDA");
        user.created_at = now;
        tx.put_user(user);
        put_policies(tx, PrincipalKind::User, stack, spec.name, spec.policies);
    }
    if (!tx.find_access_key(spec.access_key_id)) {
        store::AccessKey key;
        key.access_key_id = spec.access_key_id;
        key.secret = spec.secret;
        key.account = stack.account;
        key.kind = PrincipalKind::User;
        key.principal_name = spec.name;
        key.issued_at = now;
        tx.put_access_key(key);
    }
}

void deploy(
    store::WriteTx& tx,
    const Stack& stack,
    UtcInstant now,
    Random& random,
    const RenderNotification& render_notification
) {
    deploy_administrator(tx, stack, now, random);
    deploy_roles(tx, stack, now, random);
    deploy_functions(tx, stack, now);
    deploy_api(tx, stack, now);
    deploy_bucket(tx, stack, now, render_notification);
}

} // namespace benchtop::stack
