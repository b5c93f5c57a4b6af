using System.Net.Sockets;
using System.Security.Cryptography;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Bus.RabbitMq;
using Osc.Controller.Audit;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery.MassTransit;
using Osc.Controller.Loop;
using Osc.Store;
using Osc.Store.Files;

namespace Osc.Controller.Hosting;

/// <summary>
/// A program around a controller: command line in, exit code out. Whatever keeps it from running is one clear line on standard
/// error, without a stack trace.
/// </summary>
/// <param name="name">The program's name.</param>
/// <param name="purpose">What it is for, in one sentence.</param>
/// <param name="build">Builds the app from the options; may throw <see cref="StartupException"/>.</param>
public sealed class ControllerProgram(string name, string purpose, Func<ControllerOptions, PolicyStore, TimeProvider, WebApplication> build)
{
    /// <summary>The program osc-controller.</summary>
    public static readonly ControllerProgram Controller = new("osc-controller", "keeps the switches of all hosts enforcing what policy documents say.", BuildController);

    private string Help => $"""
        {name}: {purpose}

        usage: {name} [--config FILE] [--development | --backup FILE | --restore FILE]
          --config FILE    JSON configuration (default: {CommandLine.DefaultConfig}, if it is there)
          --development    let every request in, without a token; only on a loopback address
          --backup FILE    copy the store to FILE, while another process may have it open, and end
          --restore FILE   put a copy in the store's place, while nothing has it open, and end; agents take
                           the older revisions of a store that was restored so, and of no other
          --broker-definitions HOST...
                           print the broker's users and permissions for the controller and these hosts' agents, for
                           rabbitmqctl import_definitions
          --help           print this
          --version        print the version

        environment, stronger than the file: OSC_LISTEN, OSC_STORE, OSC_BROKER, OSC_BROKER_PASSWORD_FILE,
          OSC_LOG_FORMAT (text, json), OSC_LOG_LEVEL (trace, debug, information, warning, error)

        exit codes: 0 stopped as asked, 1 failed while running, 2 wrong command line or configuration,
          3 the store cannot be opened, 4 the address cannot be listened at
        """;

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var line = CommandLine.Parse(args);
        if (line.Error is { } error)
        {
            return Fail(ExitCode.Usage, error);
        }

        if (line.Shows is { } shown)
        {
            Console.WriteLine(shown switch
            {
                Shown.Help => Help,
                Shown.BrokerDefinitions => BrokerDefinitions.For(line.Hosts!), // it has them
                _ => $"{name} {ProductVersion.Text}",
            });
            return ExitCode.Done;
        }

        var read = OptionsReader.Read(line.Config, line.Development, Environment.GetEnvironmentVariable);
        return read.Options is not { } options ? Fail(ExitCode.Usage, [.. read.Errors]) : line.Store is var (task, file) ? Run(task, file, options.Store) : await RunAsync(options, line.Config);
    }

    private int Run(StoreTask task, string file, string store)
    {
        try
        {
            if (task == StoreTask.Backup)
            {
                StoreBackup.Save(store, file);
                Console.WriteLine($"{file} is a copy of {store}");
            }
            else
            {
                var before = StoreBackup.Restore(file, store, TimeProvider.System);
                Console.WriteLine($"{store} is what {file} is{(before is null ? "" : $"; what it was is in {before}")}");
            }

            return ExitCode.Done;
        }
        catch (StoreException e)
        {
            return Fail(ExitCode.Store, e.Message);
        }
    }

    private async Task<int> RunAsync(ControllerOptions options, string? config)
    {
        try
        {
            using var store = PolicyStore.Open(options.Store, TimeProvider.System);
            await using var app = build(options, store, TimeProvider.System);
            await ServeAsync(app, store, config);
            return FailureOf(app.Services) is { } failure ? Fail(ExitCode.Failed, $"stopped, since a part of it failed (the log says more): {failure.Message}") : ExitCode.Done;
        }
        catch (StartupException e)
        {
            return Fail(e.ExitCode, e.Message);
        }
        catch (Exception e) when (e is StoreException or StoredStateException)
        {
            return Fail(ExitCode.Store, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(ExitCode.Usage, e.Message);
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

    private async Task ServeAsync(WebApplication app, PolicyStore store, string? config)
    {
        try
        {
            await app.StartAsync();
            await RecordConfigurationAsync(app, store, config);
            app.Logger.LogListening(name, ProductVersion.Text, string.Join(", ", app.Urls), store.Path, store.Current.Number);
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            app.Logger.LogStoppedAtStart(name);
        }
    }

    /// <summary>What it runs with is recorded once it runs: a start that fails changes nothing. One that cannot record it, on a full disk, is no start.</summary>
    private static async Task RecordConfigurationAsync(WebApplication app, PolicyStore store, string? config)
    {
        try
        {
            ConfigurationRecord.Append(store, config, TimeProvider.System);
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            await app.StopAsync();
            throw;
        }
    }

    /// <summary>What ended one of the app's parts that run as long as it does, after which the host stops all of them.</summary>
    private static Exception? FailureOf(IServiceProvider services) =>
        services.GetServices<IHostedService>().OfType<BackgroundService>().Select(s => s.ExecuteTask?.Exception?.InnerException).FirstOrDefault(e => e is not null);

    private static WebApplication BuildController(ControllerOptions options, PolicyStore store, TimeProvider time)
    {
        if (options.Agents.Count > 0)
        {
            throw new StartupException(ExitCode.Usage, "agents: this program runs none; osc-standalone does");
        }

        return ControllerApp.Build(options, store, services => BusOf(options, services), time);
    }

    private static IControllerBus BusOf(ControllerOptions options, IServiceProvider services) =>
        options.Broker is { } broker ? new MassTransitControllerBus(new(broker) { Tls = options.BrokerTls }, services.GetRequiredService<ILoggerFactory>()) : new InMemoryBus();

    private int Fail(int code, params IReadOnlyList<string> lines)
    {
        foreach (var text in lines)
        {
            Console.Error.WriteLine($"{name}: {text}");
        }

        return code;
    }
}

/// <summary>What a program says by its end.</summary>
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
    [LoggerMessage(Level = LogLevel.Information, Message = "{Program} was stopped while it started")]
    public static partial void LogStoppedAtStart(this ILogger log, string program);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Program} {Version} listens at {Addresses}, store {Store} at revision {Revision}")]
    public static partial void LogListening(this ILogger log, string program, string version, string addresses, string store, long revision);
}
