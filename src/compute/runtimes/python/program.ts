/**
 * The Python runtime: the program that runs in a `python3.*` execution environment. Kept as text, for the compiler carries no other
 * files along; it is written into the work folder and depends on the standard library alone.
 *
 * FIDELITY: a Decimal is answered as the nearest number, where AWS keeps its digits.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
 */
export const pythonProgram = String.raw`# The Python runtime: loads the function once and serves its invocations one after the other.
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

FRAME = 0xA55A0000
LEVEL_BITS = {"DEBUG": 0x08, "INFO": 0x0C, "WARNING": 0x10, "ERROR": 0x14, "CRITICAL": 0x18}
NBSP = "\u00a0"
API = "/2018-06-01/runtime"

frames = int(os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD"))
json_logs = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
request_id = None


class Fault(Exception):
    """An error of the runtime's own, with the type AWS gives it."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = "Runtime." + kind
        self.trace = trace or []


class Connection:
    """One keep-alive connection; what an answer is answered with is the next invocation."""

    def __init__(self, address):
        host, port = address.split(":")
        self.host = address
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def request(self, method, path, body=b"", kind=None, content_type="application/json"):
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n"
        if method == "POST":
            head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        if kind:
            printable = "".join(c if " " <= c <= "~" else "?" for c in kind)
            head += f"Lambda-Runtime-Function-Error-Type: {printable}\r\n"
        return head.encode() + b"\r\n" + body

    def send(self, message):
        self.socket.sendall(message)

    def receive(self):
        """The status, the headers with lower-case names, and the body of the next answer."""
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, rest = self.received.split(b"\r\n\r\n", 1)
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        parts, have = [rest], len(rest)
        while have < length:
            self.received = b""
            self._more()
            parts.append(self.received)
            have += len(self.received)
        rest = b"".join(parts)
        self.received = rest[length:]
        return int(status.split(" ")[1]), headers, rest[:length]

    def _more(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            os._exit(1)
        self.received += chunk


def write_frame(message, level=None):
    data = message.encode("utf-8", "backslashreplace")
    kind = FRAME | LEVEL_BITS.get(level, 0) | (2 if json_logs else 3)
    stamp = time.time_ns() // 1000
    view = memoryview(kind.to_bytes(4, "big") + len(data).to_bytes(4, "big") + stamp.to_bytes(8, "big") + data)
    while view:
        view = view[os.write(frames, view) :]


class LogHandler(logging.Handler):
    def emit(self, record):
        write_frame(self.format(record), record.levelname)


class RequestId(logging.Filter):
    def filter(self, record):
        record.aws_request_id = request_id or ""
        return True


class TextFormatter(logging.Formatter):
    converter = time.gmtime

    def __init__(self):
        layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        super().__init__(layout, "%Y-%m-%dT%H:%M:%S")


class JsonFormatter(logging.Formatter):
    converter = time.gmtime
    standard = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id", "taskName"}

    def format(self, record):
        entry = {
            "timestamp": timestamp(record.created),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            kind, value, trace = record.exc_info
            entry["stackTrace"] = traceback.format_tb(trace)
            entry["errorType"] = kind.__name__
            entry["errorMessage"] = str(value)
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        entry["requestId"] = record.aws_request_id
        entry.update((k, v) for k, v in vars(record).items() if k not in self.standard and k not in entry)
        return json.dumps(entry, ensure_ascii=False, default=str) + "\n"


def timestamp(seconds):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds * 1000) % 1000:03d}Z"


def set_up_logging():
    handler = LogHandler()
    handler.setFormatter(JsonFormatter() if json_logs else TextFormatter())
    handler.addFilter(RequestId())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper().replace("TRACE", "DEBUG").replace("FATAL", "CRITICAL")
    if level in LEVEL_BITS or level == "WARN":
        root.setLevel(level)


class ClientContext:
    __slots__ = ["custom", "env", "client"]


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]


def filled(kind, values):
    if values is None:
        return None
    instance = kind()
    for name in kind.__slots__:
        setattr(instance, name, values.get(name))
    return instance


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.client_context = filled(ClientContext, parsed(headers, "lambda-runtime-client-context", "Client Context"))
        if self.client_context is not None:
            self.client_context.client = filled(Client, self.client_context.client)
        identity = parsed(headers, "lambda-runtime-cognito-identity", "Cognito Identity") or {}
        self.identity = CognitoIdentity()
        self.identity.cognito_identity_id = identity.get("cognitoIdentityId")
        self.identity.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        write_frame(str(message))

    def __repr__(self):
        shown = ",".join(f"{name}={value}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"LambdaContext([{shown}])"


def parsed(headers, header, name):
    text = headers.get(header)
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}")


def load(handler):
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as error:
        raise Fault("MalformedHandlerName", f"Bad handler '{handler}': {error}")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault("UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace)
    if not hasattr(module, function_name):
        raise Fault("HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return getattr(module, function_name)


def error_body(error):
    """What Invoke answers for an exception: its own frames, not the runtime's."""
    if isinstance(error, Fault):
        kind, stack = error.kind, error.trace
    else:
        kind = type(error).__name__
        summary = list(traceback.extract_tb(error.__traceback__))
        while len(summary) > 1 and (summary[0].filename == __file__ or "importlib" in summary[0].filename):
            summary.pop(0)
        stack = traceback.format_list(summary)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id or "", "stackTrace": stack}


def log_error(body):
    if json_logs:
        write_frame(dumps({"timestamp": timestamp(time.time())[:19], "level": "ERROR", **body}), "ERROR")
        return
    title = f"[ERROR] {body['errorType']}: {body['errorMessage']}" if body["errorMessage"] else f"[ERROR] {body['errorType']}"
    lines = [title, "Traceback (most recent call last):"]
    for element in body["stackTrace"]:
        for line in element.splitlines() or [""]:
            text = line.lstrip(" ")
            lines.append(NBSP * (len(line) - len(text)) + text)
    write_frame("\n".join(lines), "ERROR")


def plain(value):
    # Decimals come out of DynamoDB; a number keeps its value as far as JSON's readers do.
    import decimal

    if isinstance(value, decimal.Decimal):
        return int(value) if value == value and value % 1 == 0 else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def dumps(value):
    # AWS stopped escaping with Python 3.12.
    minor = int(os.environ.get("AWS_EXECUTION_ENV", "3.12").rsplit(".", 1)[1])
    return json.dumps(value, default=plain, ensure_ascii=minor < 12)


def answer(connection, handler, headers, body):
    path = f"/isthmus/invocation/{request_id}"
    try:
        context = LambdaContext(headers)
        try:
            event = json.loads(body)
        except ValueError as error:
            raise Fault("UnmarshalError", f"Unable to unmarshal input: {error}")
        result = handler(event, context)
        if isinstance(result, bytes):
            return connection.request("POST", path + "/response", result, content_type="application/unknown")
        try:
            return connection.request("POST", path + "/response", dumps(result).encode("utf-8", "surrogatepass"))
        except Exception as error:
            raise Fault("MarshalError", f"Unable to marshal response: {error}")
    except Exception as error:
        described = error_body(error)
        log_error(described)
        return connection.request("POST", path + "/error", dumps(described).encode(), described["errorType"])


def main():
    global request_id
    sys.dont_write_bytecode = True
    here, layers = os.path.dirname(os.path.abspath(__file__)), sys.argv[1]
    sys.argv = sys.argv[:1]
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    sys.path[:1] = [os.environ["LAMBDA_TASK_ROOT"], f"{layers}/python/lib/{version}/site-packages", f"{layers}/python"]
    sys.path.append(os.path.join(here, "python-packages"))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    set_up_logging()
    connection = Connection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        described = error_body(error)
        log_error(described)
        connection.send(connection.request("POST", API + "/init/error", dumps(described).encode(), described["errorType"]))
        connection.receive()
        sys.exit(1)
    connection.send(connection.request("GET", API + "/invocation/next"))
    while True:
        status, headers, body = connection.receive()
        if status != 200:
            os._exit(1)
        request_id = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        connection.send(answer(connection, handler, headers, body))


main()
`
