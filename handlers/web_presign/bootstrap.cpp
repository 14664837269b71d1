// The program that ships to Lambda (provided.al2023).
#include "handlers/hosts/runtime_api.hpp"
#include "handlers/web_presign/web_presign.hpp"

int main() {
    return handlers::hosts::run_bootstrap(handlers::web_presign::handler);
}
