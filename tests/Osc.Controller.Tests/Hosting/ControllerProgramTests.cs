using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osc.Bus.InMemory;
using Osc.Controller.Hosting;
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

    private Task<int> RunAsync(bool fails)
    {
        var configuration = Path.Combine(directory.FullName, "controller.json");
        File.WriteAllText(configuration, $$"""{ "listen": "http://127.0.0.1:0", "store": "{{Path.Combine(directory.FullName, "osc.db")}}" }""");
        var program = new ControllerProgram("osc-test", "is tested.", (options, store, time) => ControllerApp.Build(
            options with { LogLevel = Microsoft.Extensions.Logging.LogLevel.None }, store, _ => new InMemoryBus(), time,
            services => services.AddHostedService(provider => new Ending(provider.GetRequiredService<IHostApplicationLifetime>(), fails))));
        return program.RunAsync(["--development", "--config", configuration]);
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
