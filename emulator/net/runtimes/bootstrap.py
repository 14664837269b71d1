# Runs a Python handler on the Lambda Runtime API (Lambda Developer Guide, "Lambda runtime API",
# "Python handler", "Python context object", "Python logging"). Error documents and log lines have the
# form that Lambda's own Python runtime gives them.
import sys

TRACE = "_X_AMZN_TRACE_ID"


def start():
    import os
    import socket

    root = os.environ["LAMBDA_TASK_ROOT"]
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
    own = __file__
    shown_root = "/var/task"

    class RuntimeApi:
        def __init__(self):
            self.connection = socket.create_connection((host, int(port)))
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.buffer = b""

        def request(self, method, path, body=b"", headers=()):
            head = [f"{method} /2018-06-01/runtime/{path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}"]
            head += [f"{name}: {value}" for name, value in headers]
            self.connection.sendall("\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body)
            return self.answer()

        def more(self):
            got = self.connection.recv(262144)
            if not got:
                # The environment is gone, and we with it.
                os._exit(0)
            self.buffer += got

        def answer(self):
            while b"\r\n\r\n" not in self.buffer:
                self.more()
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            lines = head.decode("utf-8", "replace").split("\r\n")
            status = int(lines[0].split(" ", 2)[1])
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            length = int(headers.get("content-length", "0"))
            while len(self.buffer) < length:
                self.more()
            body, self.buffer = self.buffer[:length], self.buffer[length:]
            return status, headers, body

    api = RuntimeApi()

    import json
    import logging
    import time
    import traceback

    old_json = sys.version_info < (3, 12)

    class Values(json.JSONEncoder):
        def default(self, value):
            if type(value).__module__ == "decimal":
                return float(value)
            raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    def to_json(value):
        return json.dumps(value, ensure_ascii=old_json, cls=Values)

    # --- output: a line is one write; the lines of one record are joined by \r until the log has them
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, encoding="utf-8", errors="surrogateescape")

    def write_record(text):
        sys.stdout.write(text.replace("\n", "\r") + "\n")
        sys.stdout.flush()

    current = {"id": ""}

    class Lines(logging.Handler):
        def emit(self, record):
            try:
                write_record(self.format(record).rstrip("\n"))
            except Exception:
                self.handleError(record)

    class WithRequest(logging.Filter):
        def filter(self, record):
            record.aws_request_id = current["id"]
            return True

    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    lines = Lines()
    lines.setFormatter(formatter)
    lines.addFilter(WithRequest())
    logging.getLogger().addHandler(lines)

    # --- errors
    def shown(path):
        return path.replace(root, shown_root)

    def frames_of(error):
        frames = traceback.extract_tb(error.__traceback__)
        # Without the columns that newer Pythons know, as Lambda's runtime leaves them out.
        kept = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames if frame.filename != own]
        return [shown(item) for item in traceback.format_list(kept)]

    def document(message, kind, frames, request_id):
        return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": frames}

    def log_error(error):
        # Leading spaces would be lost in the console: no-break spaces stay.
        text = f"[ERROR] {error['errorType']}"
        text += f": {error['errorMessage']}" if error["errorMessage"] else ""
        text += "\nTraceback (most recent call last):\n"
        for item in error["stackTrace"]:
            for line in item.rstrip("\n").split("\n"):
                bare = line.lstrip(" ")
                text += "\u00a0" * (len(line) - len(bare)) + bare + "\n"
        write_record(text.rstrip("\n"))

    class Fault(Exception):
        def __init__(self, kind, message, frames=()):
            super().__init__(message)
            self.kind, self.message, self.frames = kind, message, list(frames)

    def load(name):
        import importlib

        try:
            module_name, function_name = name.rsplit(".", 1)
        except ValueError as error:
            raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise Fault(
                "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
            )
        try:
            module = importlib.import_module(module_name.replace("/", "."))
        except ImportError as error:
            raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
        except SyntaxError as error:
            where = f'  File "{shown(str(error.filename))}" Line {error.lineno}\n    {error.text}'
            raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", [where]) from None
        try:
            return getattr(module, function_name)
        except AttributeError:
            raise Fault(
                "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
            ) from None

    class Identity:
        def __init__(self, given):
            self.cognito_identity_id = given.get("cognitoIdentityId")
            self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")

    class Client:
        def __init__(self, given):
            for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
                setattr(self, name, given.get(name))

    class ClientContext:
        def __init__(self, given):
            self.custom = given.get("custom")
            self.env = given.get("env")
            self.client = Client(given["client"]) if given.get("client") else None

    class LambdaContext:
        def __init__(self, headers):
            self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
            self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
            self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
            self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
            self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
            self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
            self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
            self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
            client_context = headers.get("lambda-runtime-client-context")
            self.client_context = ClientContext(json.loads(client_context)) if client_context else None
            identity = headers.get("lambda-runtime-cognito-identity")
            self.identity = Identity(json.loads(identity) if identity else {})
            self._deadline = int(headers.get("lambda-runtime-deadline-ms", "0"))

        def get_remaining_time_in_millis(self):
            return max(self._deadline - int(time.time() * 1000), 0)

        def log(self, message):
            sys.stdout.write(str(message))

    LambdaContext.__module__ = "bootstrap"

    def refuse_init(error):
        logging.warning(
            "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. "
            "However, in rare cases, a Lambda runtime update can cause unexpected function behavior. For "
            "functions using managed runtimes, runtime updates can be triggered by a function change, or can "
            "be applied automatically. To determine if the runtime has been updated, check the runtime "
            "version in the INIT_START log entry. If this error correlates with a change in the runtime "
            "version, you may be able to mitigate this error by temporarily rolling back to the previous "
            "runtime version. For more information, see "
            "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html"
        )
        log_error(error)
        body = to_json(error).encode("utf-8", "surrogatepass")
        api.request("POST", "init/error", body, [
            ("Content-Type", "application/json"), ("Lambda-Runtime-Function-Error-Type", error["errorType"])])
        sys.exit(1)

    # --- init
    sys.path[0] = root
    try:
        handler = load(os.environ.get("_HANDLER", ""))
    except Fault as fault:
        refuse_init(document(fault.message, fault.kind, fault.frames, ""))
    except Exception as error:
        refuse_init(document(str(error), type(error).__name__, frames_of(error), ""))

    # --- events
    def run(headers, event):
        if headers.get("content-type") == "application/json":
            try:
                event = json.loads(event)
            except Exception as error:
                raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
        result = handler(event, LambdaContext(headers))
        if isinstance(result, bytes):
            return result, "application/unknown"
        try:
            return to_json(result).encode("utf-8", "surrogatepass"), "application/json"
        except Exception as error:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None

    while True:
        _, headers, event = api.request("GET", "invocation/next")
        request_id = current["id"] = headers.get("lambda-runtime-aws-request-id", "")
        if headers.get("lambda-runtime-trace-id"):
            os.environ[TRACE] = headers["lambda-runtime-trace-id"]
        else:
            os.environ.pop(TRACE, None)
        error = None
        try:
            body, content_type = run(headers, event)
        except Fault as fault:
            error = document(fault.message, fault.kind, fault.frames, request_id)
        except Exception as raised:
            error = document(str(raised), type(raised).__name__, frames_of(raised), request_id)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if error is None:
            api.request("POST", f"invocation/{request_id}/response", body, [("Content-Type", content_type)])
        else:
            log_error(error)
            api.request("POST", f"invocation/{request_id}/error", to_json(error).encode("utf-8", "surrogatepass"), [
                ("Content-Type", "application/json"), ("Lambda-Runtime-Function-Error-Type", error["errorType"])])


start()
