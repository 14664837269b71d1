#include "emulator/stack/deploy.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/stack/api_calls.hpp"
#include "emulator/stack/calls.hpp"
#include "emulator/stack/zip_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace benchtop::stack {
namespace {

namespace json = boost::json;
using store::PrincipalKind;
using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kAdministratorPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

// The name at the end of an ARN, or the text itself.
std::string name_in(std::string_view arn_or_name) {
    return std::string(arn_or_name.substr(arn_or_name.find_last_of(":/") + 1));
}

json::object text_object(const NamedTexts& texts) {
    json::object out;
    for (const auto& [name, value] : texts) {
        out[name] = value;
    }
    return out;
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

class Deployment {
public:
    Deployment(
        store::WriteTx& tx,
        const Stack& stack,
        UtcInstant now,
        Random& random,
        std::span<const service::ServiceTable> tables
    )
        : tx_(tx)
        , stack_(stack)
        , now_(now)
        , random_(random)
        , calls_(tx, now, random, stack.account, stack.region, tables) {}

    Result<DeployReport> run() {
        std::vector<Step> steps;
        add(steps, stack_.roles);
        add(steps, stack_.users);
        add(steps, stack_.policies);
        add(steps, stack_.functions);
        add(steps, stack_.permissions);
        add(steps, stack_.event_invokes);
        add(steps, stack_.api_parts);
        add(steps, stack_.buckets);
        add(steps, stack_.bucket_policies);
        std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
            return a.origin->order < b.origin->order;
        });
        for (const Step& step : steps) {
            Result<bool> made = step.make();
            if (!made) {
                return annotated(*step.origin, made.error());
            }
            (*made ? report_.created : report_.kept).push_back(step.origin->logical_id);
        }
        return std::move(report_);
    }

private:
    // Makes one part; false: it is there already.
    struct Step {
        const Origin* origin;
        std::function<Result<bool>()> make;
    };

    template <class Spec>
    void add(std::vector<Step>& steps, const std::vector<Spec>& specs) {
        for (const Spec& spec : specs) {
            steps.push_back({&spec.origin, [this, &spec] { return make(spec); }});
        }
    }

    static AwsError annotated(const Origin& origin, const AwsError& error) {
        const std::string place =
            (origin.line > 0 ? "line " + std::to_string(origin.line) + ": " : "") + "resource " +
            origin.logical_id + " (" + origin.type + "): ";
        return AwsError(error.status(), error.code(), place + error.message());
    }

    // --- IAM

    Result<bool> make(const RoleSpec& spec) {
        if (tx_.find_role(stack_.account, spec.name)) {
            return false;
        }
        Parameters parameters{
            {"RoleName", spec.name},
            {"Path", spec.path},
            {"AssumeRolePolicyDocument", spec.trust_policy}};
        if (!spec.description.empty()) {
            parameters.emplace_back("Description", spec.description);
        }
        if (spec.max_session_duration) {
            parameters.emplace_back(
                "MaxSessionDuration", std::to_string(*spec.max_session_duration)
            );
        }
        if (!spec.permissions_boundary.empty()) {
            parameters.emplace_back("PermissionsBoundary", spec.permissions_boundary);
        }
        add_tags(parameters, spec.tags);
        if (auto made = calls_.query("iam", "CreateRole", parameters); !made) {
            return made.error();
        }
        if (auto put = put_inline("Role", spec.name, spec.policies); !put) {
            return put.error();
        }
        return attach("Role", spec.name, spec.managed_policy_arns);
    }

    Result<bool>
    attach(const std::string& kind, const std::string& name, const std::vector<std::string>& arns) {
        for (const std::string& arn : arns) {
            auto attached = calls_.query(
                "iam", "Attach" + kind + "Policy", {{kind + "Name", name}, {"PolicyArn", arn}}
            );
            if (!attached) {
                return attached.error();
            }
        }
        return true;
    }

    Result<bool> make(const UserSpec& spec) {
        if (tx_.find_user(stack_.account, spec.name)) {
            return false;
        }
        Parameters parameters{{"UserName", spec.name}, {"Path", spec.path}};
        add_tags(parameters, spec.tags);
        if (auto made = calls_.query("iam", "CreateUser", parameters); !made) {
            return made.error();
        }
        if (auto put = put_inline("User", spec.name, spec.policies); !put) {
            return put.error();
        }
        return attach("User", spec.name, spec.managed_policy_arns);
    }

    Result<bool> put_inline(
        const std::string& kind,
        const std::string& name,
        const std::vector<store::InlinePolicy>& policies
    ) {
        for (const auto& policy : policies) {
            auto put = calls_.query(
                "iam",
                "Put" + kind + "Policy",
                {{kind + "Name", name},
                 {"PolicyName", policy.name},
                 {"PolicyDocument", policy.document}}
            );
            if (!put) {
                return put.error();
            }
        }
        return true;
    }

    static void add_tags(Parameters& parameters, const NamedTexts& tags) {
        for (std::size_t i = 0; i < tags.size(); ++i) {
            const std::string member = "Tags.member." + std::to_string(i + 1);
            parameters.emplace_back(member + ".Key", tags[i].first);
            parameters.emplace_back(member + ".Value", tags[i].second);
        }
    }

    Result<bool> make(const PolicySpec& spec) {
        if (!spec.managed) {
            bool created = false;
            for (const auto& [kind, names] :
                 {std::pair("Role", &spec.roles), std::pair("User", &spec.users)}) {
                for (const std::string& name : *names) {
                    if (has_inline(kind, name, spec.name)) {
                        continue;
                    }
                    created = true;
                    if (auto put = put_inline(kind, name, {{spec.name, spec.document}}); !put) {
                        return put.error();
                    }
                }
            }
            return created;
        }
        Parameters parameters{
            {"PolicyName", spec.name}, {"PolicyDocument", spec.document}, {"Path", spec.path}};
        if (!spec.description.empty()) {
            parameters.emplace_back("Description", spec.description);
        }
        auto made = calls_.query("iam", "CreatePolicy", parameters);
        if (!made) {
            return made.error().code() == "EntityAlreadyExists" ? Result<bool>(false)
                                                                : made.error();
        }
        const std::vector<std::string> arn{
            "arn:aws:iam::" + stack_.account + ":policy" + spec.path + spec.name};
        for (const auto& [kind, names] :
             {std::pair("Role", &spec.roles), std::pair("User", &spec.users)}) {
            for (const std::string& name : *names) {
                if (auto attached = attach(kind, name, arn); !attached) {
                    return attached.error();
                }
            }
        }
        return true;
    }

    bool has_inline(std::string_view kind, std::string_view name, std::string_view policy) const {
        const auto policies = tx_.inline_policies(
            kind == "Role" ? PrincipalKind::Role : PrincipalKind::User, stack_.account, name
        );
        return std::any_of(policies.begin(), policies.end(), [&](const auto& one) {
            return one.name == policy;
        });
    }

    // --- Lambda

    Result<bool> make(const FunctionSpec& spec) {
        if (tx_.find_function(stack_.account, stack_.region, spec.name)) {
            kept_functions_.insert(spec.name);
            return false;
        }
        auto created = create_function(spec);
        if (created && !spec.code.plugin.empty()) {
            set_plugin(spec);
        }
        return created;
    }

    Result<bool> create_function(const FunctionSpec& spec) {
        json::object code;
        if (spec.code.s3_bucket.empty()) {
            code["ZipFile"] = to_base64(as_bytes(
                spec.code.plugin.empty() ? spec.code.zip : plugin_archive(spec.code.plugin)
            ));
        } else {
            code["S3Bucket"] = spec.code.s3_bucket;
            code["S3Key"] = spec.code.s3_key;
            if (!spec.code.s3_version.empty()) {
                code["S3ObjectVersion"] = spec.code.s3_version;
            }
        }
        json::object body{
            {"FunctionName", spec.name},
            {"Role", spec.role_arn},
            {"Runtime", spec.runtime},
            {"Handler", spec.handler},
            {"Code", std::move(code)},
            {"Description", spec.description},
            {"Timeout", spec.timeout_s},
            {"MemorySize", spec.memory_mb},
            {"Environment", json::object{{"Variables", text_object(spec.environment)}}}};
        if (!spec.architectures.empty()) {
            body["Architectures"] =
                json::array(spec.architectures.begin(), spec.architectures.end());
        }
        if (spec.ephemeral_mb) {
            body["EphemeralStorage"] = json::object{{"Size", *spec.ephemeral_mb}};
        }
        if (!spec.tags.empty()) {
            body["Tags"] = text_object(spec.tags);
        }
        if (auto made = calls_.rest("lambda", "CreateFunction", {}, std::move(body)); !made) {
            return made.error();
        }
        if (spec.reserved_concurrency) {
            auto put = calls_.rest(
                "lambda",
                "PutFunctionConcurrency",
                {spec.name},
                {{"ReservedConcurrentExecutions", *spec.reserved_concurrency}}
            );
            if (!put) {
                return put.error();
            }
        }
        return true;
    }

    Result<bool> make(const PermissionSpec& spec) {
        const std::string name = name_in(spec.function);
        if (kept_functions_.contains(name)) {
            return false;
        }
        json::object body{
            {"StatementId", spec.statement_id},
            {"Action", spec.action},
            {"Principal", spec.principal}};
        if (!spec.source_arn.empty()) {
            body["SourceArn"] = spec.source_arn;
        }
        if (!spec.source_account.empty()) {
            body["SourceAccount"] = spec.source_account;
        }
        if (auto added = calls_.rest("lambda", "AddPermission", {spec.function}, std::move(body));
            !added) {
            return added.error();
        }
        return true;
    }

    // AWS knows no such code: the function was made with an archive that says so.
    void set_plugin(const FunctionSpec& spec) {
        auto function = *tx_.find_function(stack_.account, stack_.region, spec.name);
        const std::string archive = std::exchange(function.code, spec.code.plugin);
        function.code_kind = "plugin";
        tx_.put_function(function);
        if (!tx_.is_function_code(archive)) {
            tx_.delete_document(store::kFunctionCodeSpace, archive);
        }
    }

    static std::string plugin_archive(const std::string& plugin) {
        ZipWriter zip;
        zip.add("bootstrap", "The code is Benchtop's plugin " + plugin + ".\n", true);
        return zip.finish();
    }

    Result<bool> make(const EventInvokeSpec& spec) {
        const std::string name = name_in(spec.function);
        if (kept_functions_.contains(name)) {
            return false;
        }
        auto put = calls_.rest(
            "lambda",
            "PutFunctionEventInvokeConfig",
            {name},
            spec.settings,
            "Qualifier=" + percent_encode(spec.qualifier, SlashRule::Encode)
        );
        if (!put) {
            return put.error();
        }
        return true;
    }

    Result<bool> make(const ApiPartSpec& spec) { return api_calls_.make(spec); }

    // --- S3

    Result<bool> make(const BucketSpec& spec) {
        if (tx_.find_bucket(spec.name)) {
            kept_buckets_.insert(spec.name);
            return false;
        }
        if (auto made = calls_.s3("PUT", "/" + spec.name, bucket_configuration(spec)); !made) {
            return made.error();
        }
        const auto bucket = tx_.find_bucket(spec.name);
        for (const auto& key : spec.folders) {
            tx_.put_object(bucket->id, folder_object(tx_, key, now_));
        }
        if (!spec.versioning.empty()) {
            protocol::XmlWriter xml;
            xml.open("VersioningConfiguration").element("Status", spec.versioning).close();
            if (auto put = calls_.s3("PUT", "/" + spec.name + "?versioning", std::move(xml).take());
                !put) {
                return put.error();
            }
        }
        if (!spec.cors.empty()) {
            if (auto put = calls_.s3("PUT", "/" + spec.name + "?cors", spec.cors); !put) {
                return put.error();
            }
        }
        if (!spec.triggers.empty()) {
            if (auto put = calls_.s3("PUT", "/" + spec.name + "?notification", notification(spec));
                !put) {
                return put.error();
            }
        }
        return true;
    }

    std::string bucket_configuration(const BucketSpec& spec) const {
        protocol::XmlWriter xml;
        xml.open("CreateBucketConfiguration");
        if (stack_.region != "us-east-1") {
            xml.element("LocationConstraint", stack_.region);
        }
        if (!spec.tags.empty()) {
            xml.open("Tags");
            for (const auto& [key, value] : spec.tags) {
                xml.open("Tag").element("Key", key).element("Value", value).close();
            }
            xml.close();
        }
        xml.close();
        return std::move(xml).take();
    }

    static std::string notification(const BucketSpec& spec) {
        s3::NotificationConfig config;
        for (const Trigger& trigger : spec.triggers) {
            s3::NotificationRule rule;
            rule.kind = s3::DestinationKind::Function;
            rule.id = trigger.id;
            rule.arn = trigger.function_arn;
            rule.events.push_back(trigger.event);
            if (!trigger.prefix.empty()) {
                rule.filter.push_back({"prefix", trigger.prefix});
            }
            if (!trigger.suffix.empty()) {
                rule.filter.push_back({"suffix", trigger.suffix});
            }
            config.rules.push_back(std::move(rule));
        }
        return s3::to_xml(config);
    }

    Result<bool> make(const BucketPolicySpec& spec) {
        if (kept_buckets_.contains(spec.bucket)) {
            return false;
        }
        if (auto put = calls_.s3("PUT", "/" + spec.bucket + "?policy", spec.document); !put) {
            return put.error();
        }
        return true;
    }

    store::WriteTx& tx_;
    const Stack& stack_;
    UtcInstant now_;
    Random& random_;
    Calls calls_;
    ApiCalls api_calls_{tx_, calls_};
    DeployReport report_;
    std::set<std::string, std::less<>> kept_functions_; // those that were there before
    std::set<std::string, std::less<>> kept_buckets_;
};

} // namespace

void deploy_administrator(
    store::WriteTx& tx, std::string_view account, UtcInstant now, Random& random
) {
    if (!tx.find_user(account, kAdministratorName)) {
        store::User user;
        user.account = account;
        user.name = kAdministratorName;
        user.user_id = make_unique_id(random, "AIDA");
        user.created_at = now;
        tx.put_user(user);
        tx.put_inline_policy(
            PrincipalKind::User,
            account,
            kAdministratorName,
            {"administrator", std::string(kAdministratorPolicy)}
        );
    }
    if (!tx.find_access_key(kAdministratorAccessKeyId)) {
        store::AccessKey key;
        key.access_key_id = kAdministratorAccessKeyId;
        key.secret = kAdministratorSecretKey;
        key.account = account;
        key.kind = PrincipalKind::User;
        key.principal_name = kAdministratorName;
        key.issued_at = now;
        tx.put_access_key(key);
    }
}

Result<DeployReport> deploy(
    store::WriteTx& tx,
    const Stack& stack,
    UtcInstant now,
    Random& random,
    std::span<const service::ServiceTable> tables
) {
    deploy_administrator(tx, stack.account, now, random);
    return Deployment(tx, stack, now, random, tables).run();
}

} // namespace benchtop::stack
