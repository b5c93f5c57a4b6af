using System.Globalization;
using System.Text;
using System.Text.Json;
using Osc.Bus.RabbitMq;

namespace Osc.Agent.Configuration;

/// <summary>The configuration, or every error in it, each with where it is and what is allowed there.</summary>
public sealed record ReadConfiguration(AgentConfiguration Configuration, IReadOnlyList<string> Errors);

/// <summary>Puts the configuration together: file, environment, command line; the later wins.</summary>
public static class ConfigurationReader
{
    private const int MaxFileBytes = 1 << 20;

    /// <param name="environment">The value of an environment variable, or null.</param>
    public static ReadConfiguration Read(CommandLine commandLine, Func<string, string?> environment)
    {
        var errors = new List<string>();
        var configuration = ReadFile(new(), commandLine.File, errors);
        foreach (var setting in Setting.All)
        {
            if (environment(setting.Variable) is { } value)
            {
                configuration = Take(configuration, setting, setting.Variable, value, errors);
            }
        }

        foreach (var setting in Setting.All)
        {
            if (commandLine.Settings.TryGetValue(setting.Key, out var value))
            {
                configuration = Take(configuration, setting, setting.Option, value, errors);
            }
        }

        return new(Complete(configuration, commandLine.Action, errors), errors);
    }

    private static AgentConfiguration Complete(AgentConfiguration configuration, CommandLineAction action, List<string> errors)
    {
        foreach (var (missing, key) in new[] { (configuration.Host is null, "host"), (configuration.Broker is null && action != CommandLineAction.Enrol, "broker") })
        {
            var setting = Setting.All.First(s => s.Key == key);
            if (missing && !errors.Any(e => e.Contains(setting.Key, StringComparison.Ordinal) || e.Contains(setting.Variable, StringComparison.Ordinal) || e.Contains(setting.Option, StringComparison.Ordinal)))
            {
                errors.Add($"{key}: missing; set it in {AgentConfiguration.DefaultFile}, as {setting.Variable} or with {setting.Option}; allowed: {setting.Allowed}");
            }
        }

        var tls = configuration.BrokerTls;
        if (tls != BrokerTls.MachineTrust && configuration.Broker is { Scheme: not "amqps" })
        {
            errors.Add("brokerAuthority, brokerCertificate, brokerKey: these are for a broker at amqps://");
        }

        if (tls.CertificateFile is null != tls.KeyFile is null)
        {
            errors.Add("brokerCertificate, brokerKey: they go together");
        }

        if (configuration.BrokerPasswordFile is not { } file || action == CommandLineAction.Enrol)
        {
            return configuration;
        }

        try
        {
            return configuration with { BrokerPassword = File.ReadLines(file).FirstOrDefault() ?? "" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"brokerPasswordFile: {e.Message}");
            return configuration;
        }
    }

    private static AgentConfiguration ReadFile(AgentConfiguration configuration, string? file, List<string> errors)
    {
        var path = file ?? AgentConfiguration.DefaultFile;
        byte[] json;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxFileBytes })
            {
                errors.Add($"{path}: longer than {MaxFileBytes} bytes");
                return configuration;
            }

            json = File.ReadAllBytes(path);
        }
        catch (Exception e) when (file is null && e is FileNotFoundException or DirectoryNotFoundException)
        {
            return configuration;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // ArgumentException: the path is empty.
            errors.Add($"{(path.Length > 0 ? path : "--config")}: {e.Message}");
            return configuration;
        }

        return ReadJson(configuration, path, json, errors);
    }

    private static AgentConfiguration ReadJson(AgentConfiguration configuration, string path, byte[] json, List<string> errors)
    {
        var reader = new Utf8JsonReader(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                errors.Add($"{path}:1: a JSON object is expected");
                return configuration;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                var where = $"{path}:{LineOf(json, reader.TokenStartIndex)}: {key}";
                reader.Read();
                var setting = Setting.All.FirstOrDefault(s => s.Key == key);
                if (setting is null)
                {
                    errors.Add($"{where}: no such key; allowed: {string.Join(", ", Setting.All.Select(s => s.Key))}");
                    reader.Skip();
                }
                else if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
                {
                    var value = reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
                    configuration = Take(configuration, setting, where, value, errors);
                }
                else
                {
                    errors.Add($"{where}: a text or a number is expected; allowed: {setting.Allowed}");
                    reader.Skip();
                }
            }

            // Reads on, so that what follows the object is an error too.
            while (reader.Read())
            {
            }
        }
        catch (JsonException e)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{path}:{e.LineNumber + 1}: not JSON: {e.Message.Split(" LineNumber:")[0]}"));
        }
        catch (InvalidOperationException e)
        {
            // The reader's way to say that a text is no Unicode.
            errors.Add($"{path}:{LineOf(json, reader.TokenStartIndex)}: not JSON: {e.Message}");
        }

        return configuration;
    }

    private static AgentConfiguration Take(AgentConfiguration configuration, Setting setting, string where, string value, List<string> errors)
    {
        if (setting.Take(configuration, value) is { } taken)
        {
            return taken;
        }

        errors.Add($"{where}: '{value}' is not allowed; allowed: {setting.Allowed}");
        return configuration;
    }

    private static int LineOf(byte[] json, long offset) => json.AsSpan(0, (int)offset).Count((byte)'\n') + 1;
}
