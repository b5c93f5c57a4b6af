using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>The options that say which server, and who asks.</summary>
internal sealed class ServerOptions(Shell shell)
{
    private readonly Option<string?> server = Arguments.Text("--server", "URL", "The controller, for example https://osc.example.com; else OSC_SERVER.");
    private readonly Option<string?> tokenFile = Arguments.Text("--token-file", "FILE", "A file with the token; else OSC_TOKEN.");

    public void AddTo(Command command)
    {
        command.Add(server);
        command.Add(tokenFile);
    }

    /// <summary>A client for the server, or null after saying what is wrong with the command line.</summary>
    public ApiClient? Connect(ParseResult parsed)
    {
        var address = parsed.GetValue(server) ?? shell.Variable("OSC_SERVER");
        if (address is null)
        {
            shell.Fail(ExitCode.BadUsage, "which server? Say --server URL or set OSC_SERVER");
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            shell.Fail(ExitCode.BadUsage, $"'{address}' is no server's address; allowed: https://HOST[:PORT] or http://HOST[:PORT]");
            return null;
        }

        var token = shell.Variable("OSC_TOKEN");
        if (parsed.GetValue(tokenFile) is { } file)
        {
            try
            {
                token = File.ReadAllText(file).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                shell.Fail(ExitCode.BadUsage, $"the token cannot be read: {e.Message}");
                return null;
            }
        }

        if (token is not null && token.Any(c => c is <= ' ' or > '~'))
        {
            shell.Fail(ExitCode.BadUsage, "the token has characters that no token has");
            return null;
        }

        return new(uri, token);
    }
}
