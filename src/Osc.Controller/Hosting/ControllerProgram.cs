using System.Net.Sockets;
using System.Security.Cryptography;
using Osc.Bus.InMemory;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery.MassTransit;
using Osc.Controller.Loop;
using Osc.Store;

namespace Osc.Controller.Hosting;

/// <summary>The program osc-controller: command line in, exit code out. Whatever keeps it from running is one clear line on standard error.</summary>
public static class ControllerProgram
{
    private const string Help = """
        osc-controller: keeps the switches of all hosts enforcing what policy documents say.

        usage: osc-controller [--config FILE] [--development]
          --config FILE    JSON configuration (default: /etc/osc/controller.json, if it is there)
          --development    let every request in, without a token; only on a loopback address
          --help           print this
          --version        print the version

        environment, stronger than the file: OSC_LISTEN, OSC_STORE, OSC_BROKER, OSC_BROKER_PASSWORD_FILE,
          OSC_LOG_FORMAT (text, json), OSC_LOG_LEVEL (trace, debug, information, warning, error)

        exit codes: 0 stopped as asked, 1 failed while running, 2 wrong command line or configuration,
          3 the store cannot be opened, 4 the address cannot be listened at
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Parse(args);
        if (line.Error is { } error)
        {
            return Fail(ExitCode.Usage, error);
        }

        if (line.Shows is { } shown)
        {
            Console.WriteLine(shown == Shown.Help ? Help : $"osc-controller {ProductVersion.Text}");
            return ExitCode.Done;
        }

        var read = OptionsReader.Read(line.Config, line.Development, Environment.GetEnvironmentVariable);
        if (read.Options is not { } options)
        {
            return Fail(ExitCode.Usage, [.. read.Errors]);
        }

        return await RunAsync(options, (store, time) => ControllerApp.Build(
            options,
            store,
            services => options.Broker is { } broker ? new MassTransitControllerBus(broker, services.GetRequiredService<ILoggerFactory>()) : new InMemoryBus(),
            time));
    }

    /// <summary>Opens the store, builds the app and runs it until it is asked to stop.</summary>
    public static async Task<int> RunAsync(ControllerOptions options, Func<PolicyStore, TimeProvider, WebApplication> build)
    {
        try
        {
            using var store = PolicyStore.Open(options.Store, TimeProvider.System);
            await using var app = build(store, TimeProvider.System);
            await app.StartAsync();
            app.Logger.LogListening(ProductVersion.Text, string.Join(", ", app.Urls), store.Path, store.Current.Number);
            await app.WaitForShutdownAsync();
            return ExitCode.Done;
        }
        catch (StoreException e)
        {
            return Fail(ExitCode.Store, e.Message);
        }
        catch (StoredStateException e)
        {
            return Fail(ExitCode.Store, e.Message);
        }
        catch (SocketException e)
        {
            return Fail(ExitCode.Address, $"cannot listen at {options.Listen}: {e.Message}");
        }
        catch (CryptographicException e)
        {
            return Fail(ExitCode.Usage, $"tls: {e.Message}");
        }
    }

    private static int Fail(int code, params IReadOnlyList<string> lines)
    {
        foreach (var text in lines)
        {
            Console.Error.WriteLine($"osc-controller: {text}");
        }

        return code;
    }
}

/// <summary>What the process says by its end.</summary>
public static class ExitCode
{
    public const int Done = 0;

    public const int Failed = 1;

    public const int Usage = 2;

    public const int Store = 3;

    public const int Address = 4;
}

internal static partial class ControllerProgramLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "osc-controller {Version} listens at {Addresses}, store {Store} at revision {Revision}")]
    public static partial void LogListening(this ILogger log, string version, string addresses, string store, long revision);
}
