using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osc.Audit;
using Osc.Bus.InMemory;
using Osc.Controller.Hosting;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Hosting;

public sealed class ControllerProgramTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-program-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task Program_ends_with_1_when_a_part_of_it_fails_while_running() => Assert.Equal(ExitCode.Failed, await RunAsync(fails: true));

    [Fact]
    public async Task Program_ends_with_0_when_it_is_stopped() => Assert.Equal(ExitCode.Done, await RunAsync(fails: false));

    [Fact]
    public async Task Store_is_saved_and_restored_by_the_program_and_only_while_nothing_has_it_open()
    {
        var backup = Path.Combine(directory.FullName, "backup.db");
        Assert.Equal(ExitCode.Store, await RunAsync(fails: false, "--backup", backup)); // there is none
        Assert.Equal(ExitCode.Done, await RunAsync(fails: false));
        Assert.Equal(ExitCode.Done, await RunAsync(fails: false, "--backup", backup));
        Assert.Equal(ExitCode.Store, await RunAsync(fails: false, "--backup", backup)); // it is there
        using (PolicyStore.Open(StorePath, TimeProvider.System))
        {
            Assert.Equal(ExitCode.Store, await RunAsync(fails: false, "--restore", backup));
        }

        Assert.Equal(ExitCode.Done, await RunAsync(fails: false, "--restore", backup));
        using var store = PolicyStore.Open(StorePath, TimeProvider.System);
        Assert.Contains(store.EnumerateAudit(new()), r => r.Action == AuditAction.StoreRestore);
    }

    private string StorePath => Path.Combine(directory.FullName, "osc.db");

    private Task<int> RunAsync(bool fails, params string[] arguments)
    {
        var configuration = Path.Combine(directory.FullName, "controller.json");
        File.WriteAllText(configuration, $$"""{ "listen": "http://127.0.0.1:0", "store": "{{StorePath}}" }""");
        var program = new ControllerProgram("osc-test", "is tested.", (options, store, time) => ControllerApp.Build(
            options with { LogLevel = Microsoft.Extensions.Logging.LogLevel.None }, store, _ => new InMemoryBus(), time,
            services => services.AddHostedService(provider => new Ending(provider.GetRequiredService<IHostApplicationLifetime>(), fails))));
        return program.RunAsync(["--development", "--config", configuration, .. arguments]);
    }

    /// <summary>Ends the program once it runs: by asking for it, or by failing.</summary>
    private sealed class Ending(IHostApplicationLifetime lifetime, bool fails) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            if (fails)
            {
                throw new InvalidOperationException("this part fails");
            }

            lifetime.StopApplication();
        }
    }
}
