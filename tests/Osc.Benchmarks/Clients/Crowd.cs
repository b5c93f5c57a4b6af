using System.Globalization;

namespace Osc.Benchmarks.Clients;

/// <summary>A hundred clients, each with a token and a connection of its own.</summary>
internal sealed record Crowd(IReadOnlyList<Work> Works)
{
    private const int Viewers = 50, Editors = 26, Keepers = 6, Auditors = 8, Watchers = 2, Exporters = 1, Proposers = 3, Approvers = 3;

    public static async Task<Crowd> AdmitAsync(ServedController controller, ServedSite site)
    {
        var works = new List<Work>();
        for (var i = 0; i < Viewers; i++)
        {
            var (home, isConfined) = (Home(i), i % 2 == 1);
            works.Add(new Viewer(await ClientAsync($"viewer-{i}", new ClientGrant("viewer", isConfined ? [home.Tenant] : [])), site, home, isConfined));
        }

        for (var i = 0; i < Editors; i++)
        {
            var editor = new Editor(await ClientAsync($"editor-{i}", new ClientGrant("editor", Home(i).Tenant)), site, Home(i), i);
            await editor.BeginAsync(CancellationToken.None);
            works.Add(editor);
        }

        for (var i = 0; i < Keepers; i++)
        {
            works.Add(new InventoryKeeper(await ClientAsync($"keeper-{i}", new ClientGrant("editor")), site, Home(i)));
        }

        for (var i = 0; i < Auditors; i++)
        {
            works.Add(new Auditor(await ClientAsync($"auditor-{i}", new ClientGrant("auditor")), site));
        }

        for (var i = 0; i < Watchers; i++)
        {
            works.Add(new Watcher(await ClientAsync($"watcher-{i}", new ClientGrant("auditor"))));
        }

        for (var i = 0; i < Exporters; i++)
        {
            works.Add(new Exporter(await ClientAsync($"exporter-{i}", new ClientGrant("auditor"))));
        }

        for (var i = 0; i < Proposers; i++)
        {
            works.Add(new Proposer(await ClientAsync($"proposer-{i}", new ClientGrant("editor", ServedSite.CarefulTenant)), i));
        }

        for (var i = 0; i < Approvers; i++)
        {
            works.Add(new Approver(await ClientAsync($"approver-{i}", new ClientGrant("approver", ServedSite.CarefulTenant))));
        }

        works.Add(new Stranger(new("stranger", controller.Stranger(), works.Count)));
        return new(works);

        Plot Home(int number) => site.Plots[number % site.Plots.Count];

        async Task<Client> ClientAsync(string name, ClientGrant grant) => new(name, await controller.AdmitAsync(name, grant), works.Count);
    }

    public override string ToString() => Works.Count.ToString(CultureInfo.InvariantCulture);
}
