using Osc.Model;
using Osc.Policy.Decisions;
using Xunit;

namespace Osc.Integration.Attacks;

/// <summary>What a workload tries with raw sockets of its own: nothing of it comes to anyone.</summary>
public sealed class GuestAttackTests(AttackLab lab) : IClassFixture<AttackLab>
{
    public static TheoryData<string, string> Attacks => [.. AttackList.Attacks.Select(a => (a.Family, a.Name))];

    public static TheoryData<string> Controls => [.. PermittedFrames.All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Nothing_of_an_attack_arrives_anywhere(string family, string name)
    {
        var attack = AttackList.Attacks.Single(a => a.Family == family && a.Name == name);
        Assert.True(attack.Claims is not { } claims || Decider.Decide(lab.State, claims(lab.SceneOf(attack.From))).Verdict != Verdict.Allow, "policy allows what this attack claims to be");

        var (sent, atSwitch, places) = await lab.SendAsync(attack);

        Assert.True(sent > 0 && atSwitch > 0, "the switch saw nothing of it");
        Assert.Empty(places);
    }

    /// <summary>The captures see what passes, so that their silence means something.</summary>
    [Theory]
    [MemberData(nameof(Controls))]
    public async Task Passing_frame_arrives_where_it_goes_and_nowhere_else(string name)
    {
        var control = PermittedFrames.All.Single(a => a.Name == name);

        var (sent, atSwitch, places) = await lab.SendAsync(control);

        Assert.True(atSwitch >= sent);
        Assert.Equal(control.Arrives.Order(), places.Order());
    }
}
