// The program that ships to Lambda (provided.al2023).
#include "handlers/hosts/runtime_api.hpp"
#include "handlers/worker_move/worker_move.hpp"

int main() {
    return handlers::hosts::run_bootstrap(handlers::worker_move::handler);
}
