// Functions, their versions and aliases.
#include "emulator/store/connection.hpp"
#include "emulator/store/record.hpp"

namespace benchtop::store {
namespace {

Function read_function(const Statement& row) {
    Function function;
    function.account = row.text_at(0);
    function.region = row.text_at(1);
    function.name = row.text_at(2);
    function.role_arn = row.text_at(3);
    function.runtime = row.text_at(4);
    function.handler = row.text_at(5);
    function.code_kind = row.text_at(6);
    function.code = row.text_at(7);
    function.environment = unpack_pairs(row.view_at(8));
    function.timeout_s = static_cast<int>(row.integer_at(9));
    function.memory_mb = static_cast<int>(row.integer_at(10));
    function.policy = row.text_at(11);
    function.last_modified = row.time_at(12);
    function.version = row.text_at(13);
    function.details = row.text_at(14);
    return function;
}

FunctionAlias read_alias(
    const Statement& row,
    std::string_view account,
    std::string_view region,
    std::string_view function
) {
    FunctionAlias alias;
    alias.account = account;
    alias.region = region;
    alias.function = function;
    alias.name = row.text_at(0);
    alias.version = row.text_at(1);
    alias.policy = row.text_at(2);
    alias.details = row.text_at(3);
    return alias;
}

} // namespace

std::optional<Function> ReadTx::find_function(
    std::string_view account,
    std::string_view region,
    std::string_view name,
    std::string_view version
) const {
    Statement row = connection_.query(Sql::FindFunction);
    return row.text(account).text(region).text(name).text(version).step()
               ? std::optional(read_function(row))
               : std::nullopt;
}

std::vector<Function> ReadTx::list_functions(std::string_view account) const {
    std::vector<Function> functions;
    Statement rows = connection_.query(Sql::ListFunctions);
    rows.text(account);
    while (rows.step()) {
        functions.push_back(read_function(rows));
    }
    return functions;
}

std::vector<Function> ReadTx::list_function_versions(
    std::string_view account, std::string_view region, std::string_view name
) const {
    std::vector<Function> versions;
    Statement rows = connection_.query(Sql::ListFunctionVersions);
    rows.text(account).text(region).text(name);
    while (rows.step()) {
        versions.push_back(read_function(rows));
    }
    return versions;
}

std::optional<FunctionAlias> ReadTx::find_function_alias(
    std::string_view account,
    std::string_view region,
    std::string_view function,
    std::string_view alias
) const {
    Statement row = connection_.query(Sql::FindFunctionAlias);
    return row.text(account).text(region).text(function).text(alias).step()
               ? std::optional(read_alias(row, account, region, function))
               : std::nullopt;
}

std::vector<FunctionAlias> ReadTx::list_function_aliases(
    std::string_view account, std::string_view region, std::string_view function
) const {
    std::vector<FunctionAlias> aliases;
    Statement rows = connection_.query(Sql::ListFunctionAliases);
    rows.text(account).text(region).text(function);
    while (rows.step()) {
        aliases.push_back(read_alias(rows, account, region, function));
    }
    return aliases;
}

bool ReadTx::is_function_code(std::string_view code) const {
    return connection_.query(Sql::AnyFunctionOfCode).text(code).step();
}

void WriteTx::put_function(const Function& function) {
    const std::string environment = pack_pairs(function.environment);
    connection_.modify(Sql::PutFunction)
        .text(function.account)
        .text(function.region)
        .text(function.name)
        .text(function.role_arn)
        .text(function.runtime)
        .text(function.handler)
        .text(function.code_kind)
        .text(function.code)
        .blob(environment)
        .integer(function.timeout_s)
        .integer(function.memory_mb)
        .text(function.policy)
        .time(function.last_modified)
        .text(function.version)
        .text(function.details)
        .run();
    connection_.writer().job.identities = true;
}

void WriteTx::delete_function(
    std::string_view account,
    std::string_view region,
    std::string_view name,
    std::string_view version
) {
    if (version == kLatestVersion) {
        connection_.modify(Sql::DeleteFunction).text(account).text(region).text(name).run();
        connection_.modify(Sql::DeleteFunctionAliases).text(account).text(region).text(name).run();
    } else {
        connection_.modify(Sql::DeleteFunctionVersion)
            .text(account)
            .text(region)
            .text(name)
            .text(version)
            .run();
    }
    connection_.writer().job.identities = true;
}

void WriteTx::put_function_alias(const FunctionAlias& alias) {
    connection_.modify(Sql::PutFunctionAlias)
        .text(alias.account)
        .text(alias.region)
        .text(alias.function)
        .text(alias.name)
        .text(alias.version)
        .text(alias.policy)
        .text(alias.details)
        .run();
    connection_.writer().job.identities = true;
}

void WriteTx::delete_function_alias(
    std::string_view account,
    std::string_view region,
    std::string_view function,
    std::string_view alias
) {
    connection_.modify(Sql::DeleteFunctionAlias)
        .text(account)
        .text(region)
        .text(function)
        .text(alias)
        .run();
    connection_.writer().job.identities = true;
}

} // namespace benchtop::store
