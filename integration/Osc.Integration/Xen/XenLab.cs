using System.Globalization;
using System.Text;
using Osc.Lab;
using Osc.Lab.Xen;
using Osc.Model;
using Osc.Xen.Vifs;
using Osc.Xen.Xenstore;

namespace Osc.Integration.Xen;

/// <summary>A real xenstored, with the toolstack's part played by the test: it makes a driver domain and plugs guests' interfaces into it.</summary>
internal sealed class XenLab : IAsyncDisposable
{
    public const ushort DriverDomain = 5;

    public static readonly XenstorePath VifDirectory = XenstorePath.Parse("backend/vif");

    private static readonly XenstoreTiming Timing = new(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));

    private XenLab(LabSpace space, XenstoreInstance xenstore)
    {
        Space = space;
        Xenstore = xenstore;
        Toolstack = new(new XenstoreEndpoint(xenstore.Socket, IsDevice: false), Timing);
        Driver = new(new XenstoreEndpoint(xenstore.DomainSocket(DriverDomain), IsDevice: false), Timing);
    }

    public LabSpace Space { get; }

    public XenstoreInstance Xenstore { get; }

    /// <summary>Asks as dom0's toolstack does.</summary>
    public XenstoreClient Toolstack { get; }

    /// <summary>Asks as a program inside the driver domain does.</summary>
    public XenstoreClient Driver { get; }

    public static async Task<XenLab> StartAsync()
    {
        var space = await LabSpace.ClaimAsync("xen");
        try
        {
            var lab = new XenLab(space, await XenstoreInstance.StartAsync(space, "store"));
            await lab.MakeDriverDomainAsync();
            return lab;
        }
        catch
        {
            await space.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the driver domain's directories and has xenstored talk with it.</summary>
    public async Task MakeDriverDomainAsync()
    {
        var root = XenstorePath.Parse($"/local/domain/{DriverDomain}");
        await DoneAsync(Toolstack.WriteAsync(root.Child("backend/vif"), default));
        foreach (var path in new[] { root, root.Child("backend"), root.Child("backend/vif") })
        {
            await DoneAsync(Toolstack.SetPermissionsAsync(path, [$"n{DriverDomain}"]));
        }

        await DoneAsync(XenstoreOperations.DoAsync(Toolstack, MessageType.Introduce, Payload.Of([Text(DriverDomain), "1", "1"]), default));
    }

    /// <summary>Restarts xenstored with nothing in it, and makes the driver domain anew.</summary>
    /// <param name="options">Options of xenstored.</param>
    public async Task RestartAsync(params string[] options)
    {
        await Xenstore.KillDaemonAsync();
        await Xenstore.StartDaemonAsync(options);
        await MakeDriverDomainAsync();
    }

    public XenstoreClient AnotherToolstack() => new(new XenstoreEndpoint(Xenstore.Socket, IsDevice: false), Timing);

    /// <summary>Plugs an interface in, as libxl does: all of it in one transaction, owned by the driver domain and readable for the guest.</summary>
    public Task PlugAsync(VifId id, MacAddress mac, params (string Key, string Value)[] more) => InTransactionAsync(async transaction =>
    {
        var path = PathOf(id);
        var nodes = new (string Key, string Value)[]
        {
            ("", ""), ("frontend-id", Text(id.Domain)), ("handle", Text(id.Handle)), ("mac", mac.ToString()), ("bridge", "br0"),
            ("script", "vif-osc"), ("online", "1"), ("state", "1"),
        };
        foreach (var (key, value) in nodes.Concat(more))
        {
            var node = key.Length == 0 ? path : path.Child(key);
            await DoneAsync(transaction.WriteAsync(node, Bytes(value)));
            await DoneAsync(transaction.SetPermissionsAsync(node, [$"n{DriverDomain}", $"r{id.Domain}"]));
        }
    });

    /// <summary>Removes an interface, as libxl does: with the guest's directory, if it was its last.</summary>
    public Task UnplugAsync(VifId id) => DoneAsync(Toolstack.RemoveAsync(id.Handle == 0 ? PathOf(id.Domain) : PathOf(id)));

    /// <summary>Writes a key of an interface, as the toolstack.</summary>
    public Task SetAsync(VifId id, string key, string value) => DoneAsync(Toolstack.WriteAsync(PathOf(id).Child(key), Bytes(value)));

    /// <summary>Does something in a transaction, anew as often as somebody else is in the way.</summary>
    public async Task InTransactionAsync(Func<XenstoreTransaction, Task> work)
    {
        while (true)
        {
            var begun = await Toolstack.BeginAsync();
            await using var transaction = begun.Value ?? throw new LabException(begun.Failure!.Detail);
            await work(transaction);
            var failure = await transaction.CommitAsync();
            if (failure?.Error != XenstoreError.Conflict)
            {
                await DoneAsync(Task.FromResult(failure));
                return;
            }
        }
    }

    public static async Task DoneAsync(Task<XenstoreFailure?> asked)
    {
        if (await asked is { } failure)
        {
            throw new LabException(failure.Detail);
        }
    }

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.ASCII.GetBytes(text);

    public async ValueTask DisposeAsync()
    {
        await Driver.DisposeAsync();
        await Toolstack.DisposeAsync();
        await Space.DisposeAsync();
    }

    private static XenstorePath PathOf(ushort guest) => XenstorePath.Parse($"/local/domain/{DriverDomain}/backend/vif/{guest}");

    private static XenstorePath PathOf(VifId id) => PathOf(id.Domain).Child(Text(id.Handle));

    private static string Text(ushort number) => number.ToString(CultureInfo.InvariantCulture);
}
