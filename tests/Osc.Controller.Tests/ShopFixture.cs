using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests;

/// <summary>One controller for all tests of a class that change nothing, with <see cref="TestDocuments.Shop"/> applied.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    public TestController Controller { get; private set; } = null!; // set before the first test

    public async ValueTask InitializeAsync()
    {
        Controller = await TestController.StartAsync();
        Assert.Equal(200, (await Controller.ApplyAsync(TestDocuments.Shop)).Status);

        // That a token came from a new address is a record; later there are no more of these.
        foreach (var role in Enum.GetValues<Role>())
        {
            Assert.Equal(200, (await Controller.GetAsync("/api/v1/auth/whoami", role)).Status);
        }
    }

    public ValueTask DisposeAsync() => Controller.DisposeAsync();
}
