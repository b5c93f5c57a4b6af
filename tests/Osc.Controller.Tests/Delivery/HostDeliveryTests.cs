using CsCheck;
using Osc.Bus;
using Osc.Controller.Delivery;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Health;
using Xunit;

namespace Osc.Controller.Tests.Delivery;

public sealed class HostDeliveryTests
{
    private static readonly DeliveryTimings Timings = DeliveryTimings.Default;
    private static readonly DateTimeOffset Started = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HostDelivery delivery = new(Flows.Host, Timings);
    private HostFlows? desired;
    private DateTimeOffset now = Started;

    private static readonly HostFlows One = Flows.Of(1, Enumerable.Range(0, 10));
    private static readonly HostFlows Two = Flows.Of(2, Enumerable.Range(0, 11));
    private static readonly HostFlows Three = Flows.Of(3, Enumerable.Range(5, 10));

    [Fact]
    public void Hello_with_the_desired_digest_is_answered_with_nothing_and_confirms()
    {
        Assert.Empty(Desire(One));
        Assert.Equal(new Confirm(new(1), One.Digest.ToString(), 10, 0), Assert.Single(Hello(One)));
        Assert.Empty(Hello(One));
        Assert.Equal((HostState.Enforcing, new Revision(1)), (Status.State, Status.Acked));
    }

    [Fact]
    public void Hello_of_an_agent_that_holds_nothing_is_answered_with_a_snapshot()
    {
        Desire(One);
        var update = Assert.IsType<SendUpdate>(Assert.Single(HelloEmpty()));
        Assert.Equal((UpdateForm.Snapshot, new Revision(1)), (update.Form, update.Target));
        Assert.Equal(10, update.Messages.Sum(m => m.Snapshot!.Bridges.Sum(b => b.Flows.Count)));
        Assert.Equal(HostState.Syncing, Status.State);
    }

    [Fact]
    public void Snapshot_of_many_flows_goes_in_bounded_chunks()
    {
        Desire(Flows.Of(1, Enumerable.Range(0, (2 * BusProtocol.MaxFlowsInMessage) + 1)));
        var update = Assert.IsType<SendUpdate>(Assert.Single(HelloEmpty()));
        Assert.Equal([0, 1, 2], update.Messages.Select(m => m.Snapshot!.Index));
        Assert.All(update.Messages, m => Assert.True(m.Snapshot!.Bridges.Sum(b => b.Flows.Count) <= BusProtocol.MaxFlowsInMessage));
    }

    [Fact]
    public void New_flows_go_as_a_delta_from_what_the_host_has()
    {
        BringTo(One);
        var update = Assert.IsType<SendUpdate>(Assert.Single(Desire(Two)));
        var delta = update.Messages.Single().Delta!;
        Assert.Equal((One.Digest.ToString(), Two.Digest.ToString(), 1L, 2L), (delta.FromDigest, delta.ToDigest, delta.From, delta.To));
        Assert.Equal((0, 1), (delta.Bridges.Single().Remove.Count, delta.Bridges.Single().Add.Count));
    }

    [Fact]
    public void Host_that_comes_back_with_older_flows_gets_a_delta_from_those()
    {
        BringTo(One);
        BringTo(Two);
        BringTo(Three);
        var update = Assert.IsType<SendUpdate>(Assert.Single(Hello(One, started: now.AddMinutes(1))));
        Assert.Equal((UpdateForm.Delta, 1L, 3L), (update.Form, update.Messages[0].Delta!.From, update.Messages[0].Delta!.To));
    }

    [Fact]
    public void States_that_come_while_one_is_in_flight_coalesce_into_the_newest()
    {
        Desire(One);
        var first = Sent(HelloEmpty());
        Assert.Empty(Desire(Two));
        Assert.Empty(Desire(Three));
        var next = Ack(first, One);
        var update = Assert.IsType<SendUpdate>(Assert.Single(next));
        Assert.Equal((UpdateForm.Delta, new Revision(3)), (update.Form, update.Target));
        var (delta, between) = (update.Messages.Single().Delta!, FlowDelta.Between(One, Three).Bridges.Single());
        Assert.Equal(between.Add.Select(FlowText.Print).Order(), delta.Bridges.Single().Add.Order());
        Assert.Equal(between.Remove.Select(FlowText.Print).Order(), delta.Bridges.Single().Remove.Order());
        Assert.Equal(new Confirm(new(3), Three.Digest.ToString(), 10, 5), Assert.Single(Ack(update, Three)));
    }

    [Fact]
    public void Steps_that_were_left_out_lead_to_a_snapshot()
    {
        BringTo(One);
        Assert.IsType<FetchFlows>(Assert.Single(delivery.Desire(Flows.Step(Two, Three).After, [Flows.Step(Two, Three)], now)));
        Assert.Equal((UpdateForm.Snapshot, new Revision(3)), (Sent(delivery.Supply(Three, now)).Form, Status.Desired));
    }

    [Fact]
    public void Step_over_which_no_delta_leads_is_made_by_a_snapshot()
    {
        BringTo(One);
        Assert.IsType<FetchFlows>(Assert.Single(delivery.Desire(Flows.Step(One, Two).After, [Flows.Step(One, Two) with { Delta = null }], now)));
    }

    [Fact]
    public void Step_that_no_message_can_carry_is_made_by_a_snapshot()
    {
        BringTo(One);
        Assert.Equal(UpdateForm.Snapshot, Sent(Desire(Flows.Of(2, Enumerable.Range(0, BusProtocol.MaxFlowsInMessage + 11)))).Form);
    }

    [Fact]
    public void Large_steps_are_forgotten_once_the_host_has_them()
    {
        BringTo(One);
        BringTo(Flows.Of(2, Enumerable.Range(0, 200)));
        BringTo(Three);
        Assert.Equal(UpdateForm.Snapshot, Sent(Hello(One, started: now.AddMinutes(1))).Form);
    }

    [Fact]
    public void Fetched_flows_that_are_newer_than_desired_are_what_is_sent_and_waited_for()
    {
        Assert.Empty(delivery.Desire(Flows.Step(null, One).After, [], now));
        Assert.IsType<FetchFlows>(Assert.Single(delivery.Hear(HelloOf(FlowDigest.Empty, Started), now)));
        var update = Sent(delivery.Supply(Two, now));
        Assert.Equal(new Revision(2), update.Target);
        Assert.IsType<Confirm>(Assert.Single(Ack(update, Two)));
        Assert.Empty(delivery.Desire(Flows.Step(One, Two).After, [Flows.Step(One, Two)], now));
        Assert.Equal((HostState.Enforcing, new Revision(2)), (Status.State, Status.Acked));
    }

    [Fact]
    public void Hello_said_before_the_update_arrived_does_not_send_it_again()
    {
        Desire(One);
        HelloEmpty();
        Assert.Empty(HelloEmpty());
        Assert.Equal(HostState.Syncing, Status.State);
    }

    [Fact]
    public void Hello_of_a_restarted_agent_sends_anew_from_what_it_has()
    {
        Desire(One);
        var first = Sent(HelloEmpty());
        var second = Sent(Fetched(delivery.Hear(HelloOf(FlowDigest.Empty, Started.AddSeconds(30)), now)));
        Assert.NotEqual(first.Update, second.Update);
    }

    [Theory]
    [InlineData(RefusalReason.WrongBase)]
    [InlineData(RefusalReason.WrongDigest)]
    public void Refused_delta_is_followed_by_a_snapshot_at_once(RefusalReason reason)
    {
        BringTo(One);
        var delta = Sent(Desire(Two));
        var actions = Refuse(delta, reason);
        Assert.False(Assert.IsType<NoteRefusal>(actions[0]).IsFinal);
        Assert.Equal(UpdateForm.Snapshot, Assert.IsType<SendUpdate>(actions[1]).Form);
    }

    [Fact]
    public void Flows_that_the_switch_refuses_are_tried_again_with_growing_pauses_until_they_change()
    {
        Desire(One);
        var update = Sent(HelloEmpty());
        for (var failures = 1; failures <= 5; failures++)
        {
            var actions = delivery.Hear(new Refusal(update.Update, 1, RefusalReason.SwitchError, "no", [new("br-int", "table=0 x", "OFPBMC_BAD_FIELD")]), now);
            var note = Assert.IsType<NoteRefusal>(Assert.Single(actions));
            Assert.True(note.IsFinal);
            Assert.Equal("SwitchError: no: br-int: table=0 x: OFPBMC_BAD_FIELD", note.Error);
            Assert.Equal((HostState.Degraded, note.Error), (Status.State, Status.Error));
            now += Timings.RetryAfter(failures) - TimeSpan.FromMilliseconds(1);
            Assert.Empty(Tick());
            now += TimeSpan.FromMilliseconds(1);
            update = Sent(Tick());
        }

        Refuse(update, RefusalReason.SwitchError);
        Assert.Equal(new Revision(2), Sent(Desire(Two)).Target);
        Assert.Equal(HostState.Syncing, Status.State);
    }

    [Fact]
    public void Update_that_waits_for_the_switch_is_not_sent_again_and_counts_once_the_agent_says_so()
    {
        Desire(One);
        var update = Sent(HelloEmpty());
        Assert.IsType<NoteRefusal>(Assert.Single(Refuse(update, RefusalReason.SwitchUnavailable)));
        now += TimeSpan.FromMinutes(1);
        Assert.Empty(Tick());
        Assert.Empty(delivery.Hear(HelloOf(One.Digest, Started) with { Problem = "no switch" }, now));
        Assert.Equal((HostState.Syncing, "no switch"), (Status.State, Status.Error));
        Assert.IsType<Confirm>(Assert.Single(Hello(One)));
        Assert.Equal((HostState.Enforcing, ""), (Status.State, Status.Error));
    }

    [Fact]
    public void Update_without_an_answer_is_given_up_and_the_agent_asked()
    {
        Desire(One);
        var update = Sent(HelloEmpty());
        now += Timings.AckTimeout - TimeSpan.FromMilliseconds(1);
        Assert.Empty(Tick());
        now += TimeSpan.FromMilliseconds(1);
        var actions = Tick();
        Assert.False(Assert.IsType<NoteRefusal>(actions[0]).IsFinal);
        Assert.NotNull(Assert.IsType<AskForHello>(actions[1]).Message.Inquiry);

        // The late ack is as good as a hello.
        Assert.IsType<Confirm>(Assert.Single(Ack(update, One)));
    }

    [Fact]
    public void Agent_that_does_not_answer_is_asked_again_with_growing_pauses()
    {
        Desire(One);
        Assert.IsType<AskForHello>(Assert.Single(delivery.Reconnected(now)));
        var asked = 0;
        for (var seconds = 0; seconds < 3600; seconds++)
        {
            now += TimeSpan.FromSeconds(1);
            asked += Tick().Count;
        }

        Assert.InRange(asked, 30, 40);
    }

    [Fact]
    public void Bus_that_comes_back_makes_what_was_in_flight_uncertain()
    {
        Desire(One);
        HelloEmpty();
        Assert.IsType<AskForHello>(Assert.Single(delivery.Reconnected(now)));
        Assert.Equal(UpdateForm.Snapshot, Sent(HelloEmpty()).Form);
    }

    [Fact]
    public void Ack_with_another_digest_leads_to_a_snapshot_after_a_pause()
    {
        BringTo(One);
        var delta = Sent(Desire(Two));
        Assert.Empty(Ack(delta, Three));
        now += Timings.RetryAfter(1);
        Assert.Equal(UpdateForm.Snapshot, Sent(Tick()).Form);
    }

    [Fact]
    public void Agent_that_was_heard_before_its_host_document_gets_its_flows_with_the_document()
    {
        Assert.Empty(HelloEmpty());
        Assert.Equal("there is no Host document of this name", Status.Error);
        Assert.Equal(new Revision(1), Sent(Desire(One)).Target);
    }

    /// <summary>Whatever is lost, doubled or late: an agent that answers in the end holds the newest flows.</summary>
    [Fact]
    public void Lossy_bus_ends_with_the_newest_flows() => Gen.Int[0, 7].Array[1, 60].Sample(choices =>
    {
        var lossy = new HostDelivery(Flows.Host, Timings);
        var agent = new ModelAgent();
        var (time, revision) = (Started, 1L);
        var newest = One;
        Take(lossy.Desire(Flows.Step(null, newest).After, [], time), lose: false);
        foreach (var choice in choices)
        {
            time += TimeSpan.FromSeconds(3);
            var lose = choice % 2 == 0;
            switch (choice / 2)
            {
                case 0:
                    var step = Flows.Step(newest, newest = Flows.Of(++revision, Enumerable.Range(choice, 3 + (int)(revision % 5))));
                    Take(lossy.Desire(step.After, revision % 7 == 0 ? [] : [step], time), lose);
                    break;
                case 1:
                    Take(lossy.Hear(agent.Hello(), time), lose);
                    break;
                case 2:
                    Take(lossy.Tick(time), lose);
                    break;
                default:
                    Take(lossy.Reconnected(time), lose);
                    break;
            }
        }

        for (var i = 0; i < 20; i++)
        {
            time += TimeSpan.FromMinutes(3);
            Take(lossy.Tick(time), lose: false);
            Take(lossy.Hear(agent.Hello(), time), lose: false);
        }

        Assert.Equal(newest.Digest.ToString(), agent.Digest);
        Assert.Equal(newest.Revision, lossy.Status(time).Acked);

        void Take(IReadOnlyList<DeliveryAction> actions, bool lose)
        {
            var done = actions.SelectMany(a => a is FetchFlows ? lossy.Supply(newest, time) : [a]).ToArray();
            foreach (var update in done.OfType<SendUpdate>().Where(_ => !lose))
            {
                foreach (var answer in agent.Take(update))
                {
                    Take(answer is Ack ack ? lossy.Hear(ack, time) : lossy.Hear((Refusal)answer, time), lose: false);
                }
            }
        }
    }, iter: 1000);

    private HostStatus Status => delivery.Status(now);

    private IReadOnlyList<DeliveryAction> Hello(HostFlows held, DateTimeOffset? started = null) => Fetched(delivery.Hear(HelloOf(held.Digest, started ?? Started), now));

    private IReadOnlyList<DeliveryAction> HelloEmpty() => Fetched(delivery.Hear(HelloOf(FlowDigest.Empty, Started), now));

    private static Hello HelloOf(FlowDigest digest, DateTimeOffset started) => new("1.0", 0, digest.ToString(), "3.1.0", started, ["br-int"]);

    private static SendUpdate Sent(IReadOnlyList<DeliveryAction> actions) => Assert.IsType<SendUpdate>(Assert.Single(actions));

    private IReadOnlyList<DeliveryAction> Ack(SendUpdate update, HostFlows holds) =>
        Fetched(delivery.Hear(new Ack(update.Update, holds.Revision.Number, holds.Digest.ToString(), holds.Count, 5, []), now));

    private IReadOnlyList<DeliveryAction> Refuse(SendUpdate update, RefusalReason reason) =>
        Fetched(delivery.Hear(new Refusal(update.Update, update.Target.Number, reason, "no", []), now));

    private IReadOnlyList<DeliveryAction> Tick() => Fetched(delivery.Tick(now));

    private IReadOnlyList<DeliveryAction> Desire(HostFlows flows)
    {
        var step = Flows.Step(desired, flows);
        desired = flows;
        return Fetched(delivery.Desire(step.After, [step], now));
    }

    /// <summary>The actions, with what comes of it where flows are fetched.</summary>
    private IReadOnlyList<DeliveryAction> Fetched(IReadOnlyList<DeliveryAction> actions) =>
        [.. actions.SelectMany(a => a is FetchFlows ? delivery.Supply(desired!, now) : [a])]; // nothing is fetched before something is desired

    /// <summary>Desires flows and lets the agent confirm them.</summary>
    private void BringTo(HostFlows flows)
    {
        Desire(flows);
        Hello(flows);
    }

    /// <summary>An agent that holds a digest, takes snapshots whole and deltas from what it holds.</summary>
    private sealed class ModelAgent
    {
        public string Digest { get; private set; } = FlowDigest.Empty.ToString();

        public Hello Hello() => new("1.0", 0, Digest, "3.1.0", Started, ["br-int"]);

        public IEnumerable<object> Take(SendUpdate update)
        {
            var first = update.Messages[0];
            if (first.Delta is { } delta && delta.FromDigest != Digest && delta.ToDigest != Digest)
            {
                return [new Refusal(update.Update, delta.To, RefusalReason.WrongBase, "", [])];
            }

            Digest = first.Delta?.ToDigest ?? first.Snapshot!.Digest; // an update is one or the other
            return [new Ack(update.Update, update.Target.Number, Digest, 0, 1, [])];
        }
    }
}
